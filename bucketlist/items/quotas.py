"""How many items an account may hold."""

from bucketlist.limits.quotas import Quota

ITEMS = Quota(100_000)
