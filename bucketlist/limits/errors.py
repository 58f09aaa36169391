"""Quota errors and those of idempotency keys."""

from bucketlist.kit.errors import Conflict, Invalid


class LimitReached(Conflict):
    code, title = "limit_reached", "Limit reached"
    default_detail = "There can be no more of these in one account."


class StorageFull(Conflict):
    code, title = "storage_full", "Storage full"
    default_detail = "The texts of this account take as much room as one account has. Nothing was changed."


class RequestInProgress(Conflict):
    code, title = "request_in_progress", "Request still in progress"
    default_detail = "The same request with the same Idempotency-Key is still at work; try again in a moment."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})


class IdempotencyKeyReused(Invalid):
    code, title = "idempotency_key_reused", "Idempotency-Key used for another request"
    default_detail = "This Idempotency-Key belongs to another request; use a new key for a new request."
