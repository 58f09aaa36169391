"""Invitation commands, `bucketlist user invite`, `invitations` and `withdraw`: links for people to make an account."""

import click
from pydantic import TypeAdapter
from pydantic.alias_generators import to_camel
from pydantic_core import to_json

from bucketlist import config
from bucketlist.accounts import invitations
from bucketlist.accounts.schemas import Email
from bucketlist.cli.schema import application
from bucketlist.mail.service import invitation_link, send_at_once

HEAD = f"{'id':12}  {'since':10}  {'until':10}  for"


@click.command()
@click.argument("email", required=False)
@click.option("--days", default=7.0, show_default=True, type=click.FloatRange(0.01, 365), help="How long it is good.")
def invite(email: str | None, days: float) -> None:
    """Print a link with which one person makes one account. With EMAIL it is for that address only.

    With MAIL_URL the link is mailed to EMAIL as well; a new one for the same address ends the one before. It takes
    REGISTRATION=invite, or open, where it is not needed.

    \b
    Examples:
      bucketlist user invite ada@example.com
      bucketlist user invite --days 1
    """
    with application():
        invited = TypeAdapter(Email).validate_python(email) if email is not None else None
        token = invitations.invite(invited, days)
        click.echo(invitation_link(token))
        if invited and config.can_mail():
            send_at_once(config.current(), "invitation", invited, token)
            click.echo(f"The link was mailed to {invited} too.", err=True)


@click.command("invitations")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line, with all that is known.")
def list_invitations(as_json: bool) -> None:
    """List the invitations that are open: not used yet, nor withdrawn, nor expired. Never a link, for none is kept.

    \b
    Example:
      bucketlist user invitations
    """
    with application():
        found = invitations.list_open()
    if not as_json:
        click.echo(HEAD)
    for one in found:
        line = f"{one.id}  {one.created_at[:10]}  {one.expires_at[:10]}  {one.email or 'anybody'}"
        click.echo(to_json({to_camel(name): value for name, value in one._asdict().items()}) if as_json else line)


@click.command()
@click.argument("which", metavar="EMAIL_OR_ID")
def withdraw(which: str) -> None:
    """End the open invitation for an address, or with an id of “user invitations”: its link is worthless from now on.

    \b
    Examples:
      bucketlist user withdraw ada@example.com
      bucketlist user withdraw 3f9a0c71be52
    """
    with application():
        invitations.withdraw(which)
    click.echo("The invitation is withdrawn.")
