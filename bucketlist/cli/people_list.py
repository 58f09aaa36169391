"""User administration command `bucketlist user list`: for people, or as JSON lines for programs."""

import click
from pydantic.alias_generators import to_camel
from pydantic_core import to_json

from bucketlist.accounts.people import PersonRow, list_people
from bucketlist.cli.schema import application

HEAD = f"{'since':10}  {'last seen':10}  {'buckets':>7}  {'items':>7}  {'bytes':>11}  email"


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line, with all that is known.")
@click.option("--disabled", is_flag=True, help="Only whom “user disable” keeps out.")
def list_all(as_json: bool, disabled: bool) -> None:
    """List everybody with what they keep: buckets, items, and the bytes of all texts as the database holds them.

    “Last seen” is the last use of a session or token; where all have ended, as of who is disabled, the last log-in
    within 90 days, give or take a day. They come in the order of their accounts, a page at a time, so that there may be
    millions. The output is for you alone: it holds addresses.

    \b
    Examples:
      bucketlist user list
      bucketlist user list --json | jq -r 'select(.items == 0) | .email'
    """
    with application():
        if not as_json:
            click.echo(HEAD)
        for person in list_people(is_disabled_only=disabled):
            click.echo(_as_json(person) if as_json else _as_line(person))


def _as_json(person: PersonRow) -> bytes:
    return to_json({to_camel(name): value for name, value in person._asdict().items()})


def _as_line(person: PersonRow) -> str:
    days = f"{person.created_at[:10]}  {(person.last_seen_at or '-')[:10]:10}"
    sizes = f"{person.buckets:7,}  {person.items:7,}  {person.bytes:11,}"
    marks = [] if person.confirmed_at else ["not confirmed"]
    marks += [f"disabled on {person.disabled_at[:10]}"] if person.disabled_at else []
    told = f"  ({', '.join(marks)})" if marks else ""
    return f"{days}  {sizes}  {person.email}{told}"
