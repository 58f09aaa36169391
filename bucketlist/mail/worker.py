"""Mail worker: the background thread of a process, sends what is due; a claim keeps two from sending the same."""

from bucketlist.kit.background import PeriodicThread, run_every
from bucketlist.mail import notifications
from bucketlist.mail.service import send_due_letters
from bucketlist.services import Services

SECONDS_BETWEEN = 10.0  # polls look at everybody's letters, which on a database of many machines asks all of them


def start_mail_worker(services: Services) -> PeriodicThread | None:
    """A thread that sends what this process has put into the outbox at once, or None where there is no mail.

    It polls the outbox every `SECONDS_BETWEEN` for what is to be tried again, and what others left behind.
    """
    if not services.settings.mail_url:
        return None
    return run_every(SECONDS_BETWEEN, services.at_work()(send_due_letters), "mail", wake=notifications.waiting)
