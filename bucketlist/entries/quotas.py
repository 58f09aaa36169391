"""Quota of entries: how many an account may hold, of all its items."""

from bucketlist.limits.quotas import Quota

ENTRIES = Quota(200_000)
