"""How often, how much and how many: rate limits, quotas, idempotency keys."""
