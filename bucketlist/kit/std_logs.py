"""Logging of libraries: what they, warnings and threads have to say becomes a line of our log, JSON like the rest.

Only what Python itself writes as it dies (`faulthandler`) is not.
"""

import logging
import sys
import threading
from types import TracebackType
from typing import Any

import structlog

MESSAGE_LENGTH = 500
FOR_GRANIAN: dict[str, Any] = {  # in the shape of logging.config.dictConfig
    "handlers": {"ours": {"class": f"{__name__}.ToOurLog"}},
    "loggers": {"_granian": {"handlers": ["ours"], "propagate": False}},
}

log = structlog.get_logger()


class ToOurLog(logging.Handler):
    """A handler of `logging`: hands each record to our log, in one line."""

    def emit(self, record: logging.LogRecord) -> None:
        tell = log.error if record.levelno >= logging.ERROR else log.warning
        if record.levelno < logging.WARNING:
            tell = log.info
        message = record.getMessage().partition("\n")[0][:MESSAGE_LENGTH]
        tell("told_by_library", logger=record.name, message=message, exc_info=(record.exc_info or (None, None))[1])


def take_over_logs() -> None:
    """From now on nothing of this process but our log writes to standard error."""
    root = logging.getLogger()
    root.handlers = [ToOurLog()]
    logging.captureWarnings(True)
    sys.excepthook = _tell_uncaught
    threading.excepthook = _tell_of_thread
    sys.unraisablehook = _tell_unraisable


def _tell_uncaught(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    if not isinstance(error, KeyboardInterrupt):
        log.error("uncaught_error", exc_info=error)


def _tell_of_thread(told: threading.ExceptHookArgs) -> None:
    name = told.thread.name if told.thread else ""
    log.error("uncaught_error", thread=name, exc_info=told.exc_value)


def _tell_unraisable(told: "sys.UnraisableHookArgs") -> None:
    log.error("uncaught_error", message=told.err_msg or "", exc_info=told.exc_value)
