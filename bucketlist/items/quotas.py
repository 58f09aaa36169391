"""Quota of items: how many an account may hold."""

from bucketlist.limits.quotas import Quota

ITEMS = Quota(100_000)
