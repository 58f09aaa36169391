"""How many buckets an account may hold."""

from bucketlist.limits.quotas import Quota

BUCKETS = Quota(10_000)
