"""Diagnostics command, `bucketlist doctor`: what is odd about settings, files, database, mail and proxies."""

from collections.abc import Iterator

import click
from pydantic import TypeAdapter, ValidationError

from bucketlist.accounts.schemas import Email
from bucketlist.app import make_driver
from bucketlist.cli.place import tell_place
from bucketlist.config import Settings, load_settings
from bucketlist.kit.smtp import NotSent
from bucketlist.mail.service import send_at_once
from bucketlist.ops.doctor.database import check_database
from bucketlist.ops.doctor.files import check_files
from bucketlist.ops.doctor.findings import Finding, Level, fine, wrong
from bucketlist.ops.doctor.reach import check_service
from bucketlist.ops.doctor.servers import check_servers
from bucketlist.ops.doctor.settings import check_settings


@click.command()
@click.option("--mail-to", metavar="EMAIL", help="Send a test letter there, to see whether mail arrives.")
@click.pass_context
def doctor(context: click.Context, mail_to: str | None) -> None:
    """Look at settings, rights of files, room, backups, the database, its clock, and how the service is reached.

    Each finding is ok, a warning or a problem, with what to do; the exit code is 1 when there is a problem. The running
    service is asked at PUBLIC_URL what it sees of a request, so that a proxy that TRUSTED_PROXIES does not count shows.
    Nothing is changed, and nothing is sent but the letter of --mail-to.

    \b
    Examples:
      bucketlist doctor
      bucketlist doctor --mail-to ada@example.com
    """
    settings = load_settings()
    tell_place(settings)
    found: dict[Level, int] = {"ok": 0, "warning": 0, "problem": 0}
    for level, about, told in _findings(settings, mail_to):
        click.echo(f"{level:8} {about}: {told}")
        found[level] += 1
    click.echo(f"Problems: {found['problem']}, warnings: {found['warning']}.")
    if found["problem"]:
        context.exit(1)


def _findings(settings: Settings, mail_to: str | None) -> Iterator[Finding]:
    yield from check_settings(settings)
    try:
        yield from check_files(settings)
    except OSError as error:
        yield wrong("rights", f"{error.filename} cannot be looked at: {error.strerror}.")
    yield from check_servers(settings)
    yield from check_database(settings, make_driver(settings))
    yield from check_service(settings)
    if mail_to is not None:
        yield _send_mail(settings, mail_to)


def _send_mail(settings: Settings, email: str) -> Finding:
    if not settings.mail_url:
        return wrong("mail", "MAIL_URL is empty, so that nothing can be sent.")
    try:
        send_at_once(settings, "test", TypeAdapter(Email).validate_python(email))
    except ValidationError as error:
        return wrong("mail", str(error.errors()[0]["msg"]))
    except NotSent as error:
        return wrong("mail", f"The letter was not sent: {str(error).rstrip('.')}.")
    return fine("mail", f"The mail server took a letter to {email}; see whether it arrives, and not among spam.")
