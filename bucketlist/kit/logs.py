"""Structured logging: one JSON object a line, to standard error. Requests have their line from `middleware.py`.

Of an error it tells where it happened, not the values that were there: among them are passwords and tokens.
"""

import logging
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from pydantic_core import to_json

from bucketlist.kit import log_writer
from bucketlist.kit.clock import now_text
from bucketlist.kit.log_writer import MAX_LINE_BYTES

MESSAGE_LENGTH = 200

Event = MutableMapping[str, Any]


def configure_logs(*, is_debug: bool = False) -> None:
    """Everything from warnings upwards; with `is_debug` more."""
    structlog.configure(
        processors=[_add_time, structlog.processors.add_log_level, _tell_error, _write_json],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if is_debug else logging.WARNING),
        logger_factory=structlog.BytesLoggerFactory(log_writer.stderr),  # type: ignore[arg-type]  # all that it asks of a file
        cache_logger_on_first_use=False,
    )


def _add_time(_: object, __: str, event: Event) -> Event:
    return {"time": now_text(), **event}


def _tell_error(_: object, __: str, event: Event) -> Event:
    """The first line of the message, and file, line and function of each call, the innermost last."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        message = str(error).partition("\n")[0][:MESSAGE_LENGTH]
        event["error"] = f"{type(error).__name__}: {message}"
        event["trace"] = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)]
    return event


def _write_json(_: object, __: str, event: Event) -> bytes:
    line = to_json(event, fallback=str)
    while len(line) >= MAX_LINE_BYTES and event.get("trace"):  # the outermost calls go first
        event["trace"] = event["trace"][1 + len(event["trace"]) // 4 :]
        line = to_json(event, fallback=str)
    return line
