"""Target database of a command, told before anything is done beside what it prints; and file permissions."""

import click

from bucketlist.config import Settings
from bucketlist.kit.files import make_private


def tell_place(settings: Settings) -> None:
    """To standard error, without a password."""
    click.echo(f"Database: {settings.place}", err=True)


def keep_private(settings: Settings) -> None:
    """Take the files in DATA_DIR from everybody but their owner, and tell of whom that was news. Raises: `OSError`."""
    for path in make_private(settings.private_files):
        click.echo(f"{path} could be read by others; now it is for its owner only.", err=True)
