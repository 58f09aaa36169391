"""Which database a command works on: told before anything is done, beside what it prints."""

import click

from bucketlist.config import Settings


def tell_place(settings: Settings) -> None:
    """To standard error, without a password."""
    click.echo(f"Database: {settings.place}", err=True)
