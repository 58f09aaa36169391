"""System clock: the only one. Times are aware and UTC; as text they are RFC 3339 with milliseconds."""

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """A timestamp as text, `2026-11-24T22:40:00.123Z`: always 24 characters, so that texts sort as the moments do.

    Source: RFC 3339 section 5.6.
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def now_text() -> str:
    return to_text(now())


def text_after(earlier: str) -> str:
    """A monotonic timestamp: now as text, or the millisecond after `earlier` when the clock is not beyond that."""
    present = now_text()
    return present if present > earlier else to_text(from_text(earlier) + timedelta(milliseconds=1))


def text_from_now(**duration: float) -> str:
    """The moment that lies `duration` (the arguments of `timedelta`) from now, as text; negative for the past."""
    return to_text(now() + timedelta(**duration))


def from_text(text: str) -> datetime:
    return datetime.fromisoformat(text)
