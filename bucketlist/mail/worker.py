"""Mail worker: the background thread of a process, sends what is due; a claim keeps two from sending the same."""

import threading

import structlog

from bucketlist.kit.errors import Unavailable
from bucketlist.mail.service import send_due_letters
from bucketlist.services import Services

SECONDS_BETWEEN = 2.0

log = structlog.get_logger()


def start_mail_worker(services: Services) -> threading.Thread | None:
    """A thread that looks for letters every `SECONDS_BETWEEN`, or None where there is no mail."""
    if not services.settings.mail_url:
        return None
    thread = threading.Thread(target=_keep, args=(services,), name="mail", daemon=True)
    thread.start()
    return thread


def _keep(services: Services) -> None:
    pause = threading.Event()
    while not pause.wait(SECONDS_BETWEEN):
        with services.at_work():
            try:
                send_due_letters()
            except Unavailable:
                log.warning("mail_waits", reason="database unavailable")
            except Exception as error:  # one letter that breaks us must not keep back all others
                log.error("mail_broke", exc_info=error)  # noqa: TRY400  # its exception() would want a traceback too
