"""Quota errors and those of idempotency keys."""

from bucketlist.kit.errors import Conflict, Invalid


class LimitReached(Conflict):
    code, title = "limit_reached", "Limit reached"
    default_detail = "There can be no more of these in one account."


class StorageFull(Conflict):
    code, title = "storage_full", "Storage full"
    default_detail = "The texts of this account take as much room as one account has. Nothing was changed."


class IdempotencyKeyReused(Invalid):
    code, title = "idempotency_key_reused", "Idempotency-Key used for another request"
    default_detail = "This Idempotency-Key belongs to another request; use a new key for a new request."
