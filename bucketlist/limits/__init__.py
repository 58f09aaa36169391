"""Rate limits, quotas and idempotency keys: how often, how much and how many."""
