"""Mail worker: the background thread of a process, sends what is due; a claim keeps two from sending the same."""

from bucketlist.kit.background import PeriodicThread, run_every
from bucketlist.mail.service import send_due_letters
from bucketlist.services import Services

SECONDS_BETWEEN = 2.0


def start_mail_worker(services: Services) -> PeriodicThread | None:
    """A thread that looks for letters every `SECONDS_BETWEEN`, or None where there is no mail."""
    if not services.settings.mail_url:
        return None
    return run_every(SECONDS_BETWEEN, services.at_work()(send_due_letters), "mail")
