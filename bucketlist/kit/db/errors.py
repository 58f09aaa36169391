"""Database errors: what a driver raises, whichever it is, and what it means for the connection and for a retry."""

from bucketlist.kit.errors import Conflict, Unavailable

READ_ONLY = "PostgreSQL is read-only at the moment, so that nothing can be written."


class ConstraintViolation(Conflict):
    """The database refused what would break a unique, foreign or check rule that no statement asked about first."""


class LockWaitTimeout(Unavailable):
    """Somebody held a lock for longer than we wait: a table that is altered, a shard that is moved, SQLite’s file."""


class RowLockTimeout(LockWaitTimeout):
    """Another transaction held a row for longer than we wait; `place` tells which table’s, in the server’s words."""

    def __init__(self, *, place: str = "", reason: str | None = None) -> None:
        super().__init__(reason=reason)
        self.place = place


class StatementTimeout(Unavailable):
    """The database was at it for longer than the statement may take, and was stopped."""

    def __init__(self, *, reason: str | None = None) -> None:
        told = "This took too long and was stopped. Nothing was changed; ask for less, or try again shortly."
        super().__init__(told, reason=reason)


class SerializationFailure(Unavailable):
    """The database undid it all for somebody else’s sake (a deadlock, changes in no order): it can be repeated."""


class ConnectionUnfit(SerializationFailure):
    """Nothing can be written by this connection, as to a database that is read-only; by a newer one perhaps."""


class DatabaseReadOnly(ConnectionUnfit):
    """PostgreSQL takes no writes: a standby, or told so for the server, a database, a role or this connection."""

    def __init__(self, *, reason: str | None = None) -> None:
        super().__init__(READ_ONLY, reason=f"{READ_ONLY} It says: {reason}")


class SchemaLost(ConnectionUnfit):
    """A table or a column of ours is not there, or not in sight."""


class AccessDenied(Unavailable):
    """A privilege (GRANT) of our database role was taken away."""

    def __init__(self, *, reason: str | None = None) -> None:
        super().__init__("The database does not let the service do this. Nothing was changed.", reason=reason)


class ForeignRule(Unavailable):
    """A trigger or constraint that is not ours said no, or broke: not the fault of who asks, nor a state of theirs."""

    def __init__(self, *, reason: str | None = None) -> None:
        told = "A rule that somebody added to the database refused this. Nothing was changed."
        super().__init__(told, retry_after_seconds=60, reason=f"a rule that is not ours: {reason}")


class ConnectionLost(Unavailable):
    """The database went away; whether the statement took effect is not known."""


class NoAnswer(Unavailable):
    """The database hangs, for longer than any statement may take; whether the statement took effect is not known."""


class NotReplicated(Unavailable):
    """A commit whose wait for the synchronous standby was cancelled: it is on one server, and lost when that is."""

    def __init__(self, *, reason: str | None = None) -> None:
        told = "This was kept in one place only, where it may yet be lost; look for it before you send it again."
        super().__init__(told, reason=reason)
