"""`bucketlist user` and `bucketlist dummy`: people, real and made up."""

import click
from rich.console import Console
from rich.progress import Progress

from bucketlist.auth import recovery
from bucketlist.auth import service as auth
from bucketlist.auth.schemas import NewPasswordIn, RegisterIn
from bucketlist.cli.schema import application
from bucketlist.ops.dummy import Account, make_dummy_data


@click.command()
@click.option("--users", default=1, show_default=True, type=click.IntRange(1), help="How many people.")
@click.option("--buckets", default=100, show_default=True, type=click.IntRange(1), help="Buckets of each.")
@click.option("--items", default=1000, show_default=True, type=click.IntRange(0), help="Items of each, in all buckets.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes up the same names.")
def dummy(users: int, buckets: int, items: int, seed: int) -> None:
    """Fill the database with believable people and wishes, and print how to sign in: an email and a password a line.

    \b
    Example:
      bucketlist dummy --users 20 --buckets 5 --items 50 --seed 7
    """
    accounts: list[Account] = []
    with application(), Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Making up wishes", total=users * (buckets + items))
        for made in make_dummy_data(users, buckets, items, seed):
            if isinstance(made, Account):
                accounts.append(made)
            else:
                progress.advance(task, made)
    for account in accounts:
        click.echo(f"{account.email}  {account.password}")


@click.group()
def user() -> None:
    """Add people, help those who forgot their password, remove accounts.

    \b
    Example:
      bucketlist user add ada@example.com --name Ada
    """


PASSWORD = click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when absent."
)


@user.command()
@click.argument("email")
@click.option("--name", help="How they want to be called.")
@PASSWORD
def add(email: str, name: str | None, password: str) -> None:
    """Make an account for EMAIL, also when registration is closed.

    \b
    Example, which asks for the password:
      bucketlist user add ada@example.com --name Ada
    """
    with application():
        wanted = RegisterIn.model_validate({"email": email, "password": password, "name": name})
        added = auth.add_user(wanted)
    click.echo(f"{added.email} can sign in now.")


@user.command("reset-password")
@click.argument("email")
@PASSWORD
def reset_password(email: str, password: str) -> None:
    """Give EMAIL a new password. They are signed out everywhere, and their personal tokens end.

    \b
    Example, which asks for the password:
      bucketlist user reset-password ada@example.com
    """
    wanted = NewPasswordIn.model_validate({"newPassword": password})
    with application():
        recovery.set_password(auth.get_user_by_email(email), wanted.new_password, staying_session=None)
    click.echo(f"{email} has a new password, is signed out everywhere, and has no personal token any more.")


@user.command()
@click.argument("email")
@click.confirmation_option(prompt="This removes the account and everything in it, for good. Go on?")
def delete(email: str) -> None:
    """Remove the account of EMAIL and everything in it. Asks first.

    \b
    Example, which does not ask:
      bucketlist user delete ada@example.com --yes
    """
    with application():
        auth.remove_user(auth.get_user_by_email(email))
    click.echo(f"{email} is gone.")
