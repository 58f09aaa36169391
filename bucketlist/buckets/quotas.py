"""Quota of buckets: how many an account may hold."""

from bucketlist.limits.quotas import Quota

BUCKETS = Quota(10_000)
