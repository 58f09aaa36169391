"""User administration commands, `bucketlist user`, and `bucketlist dummy`: people, real and made up."""

import sys

import click

from bucketlist.accounts import recovery
from bucketlist.accounts import service as accounts_service
from bucketlist.accounts.schemas import NewPasswordIn, RegisterIn
from bucketlist.cli.dummy import Account, make_dummy_data
from bucketlist.cli.invitations import invite, list_invitations, withdraw
from bucketlist.cli.passwords import read_password
from bucketlist.cli.people_list import list_all
from bucketlist.cli.schema import application


@click.command()
@click.option("--users", default=1, show_default=True, type=click.IntRange(1), help="How many people.")
@click.option("--buckets", default=100, show_default=True, type=click.IntRange(1), help="Buckets of each.")
@click.option("--items", default=1000, show_default=True, type=click.IntRange(0), help="Items of each, in all buckets.")
@click.option("--photos", default=60, show_default=True, type=click.IntRange(0), help="Photos of each, at most.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes up the same names.")
def dummy(users: int, buckets: int, items: int, photos: int, seed: int) -> None:
    """Fill the database with people, wishes and photos that are believable, and print how to sign in, a line each.

    \b
    Example:
      bucketlist dummy --users 20 --buckets 5 --items 50 --seed 7
    """
    accounts: list[Account] = []
    steps = users * (buckets + items)
    with application(), click.progressbar(length=steps, label="Making up wishes", file=sys.stderr) as progress:
        for made in make_dummy_data(users, buckets, items, seed, photo_count=photos):
            if isinstance(made, Account):
                accounts.append(made)
            else:
                progress.update(made)
    for account in accounts:
        click.echo(f"{account.email}  {account.password}")


@click.group()
def user() -> None:
    """Add and invite people, list them, help those who forgot their password, keep some out, remove accounts.

    \b
    Example:
      bucketlist user add ada@example.com --name Ada
    """


for command in (list_all, invite, list_invitations, withdraw):
    user.add_command(command)

PASSWORD = click.option("--password", help="Asked for when absent. Others may read it in the list of processes.")
PASSWORD_STDIN = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@user.command()
@click.argument("email")
@click.option("--name", help="How they want to be called.")
@PASSWORD
@PASSWORD_STDIN
def add(email: str, name: str | None, password: str | None, password_stdin: bool) -> None:
    """Make an account for EMAIL, whatever REGISTRATION says.

    \b
    Examples, of which the first asks for the password:
      bucketlist user add ada@example.com --name Ada
      bucketlist user add ada@example.com --password-stdin < password.txt
    """
    chosen = read_password(password, is_from_stdin=password_stdin)
    with application():
        wanted = RegisterIn.model_validate({"email": email, "password": chosen, "name": name})
        added = accounts_service.add_user(wanted)
    click.echo(f"{added.email} can sign in now.")


@user.command("reset-password")
@click.argument("email")
@PASSWORD
@PASSWORD_STDIN
def reset_password(email: str, password: str | None, password_stdin: bool) -> None:
    """Give EMAIL a new password. They are signed out everywhere, and their personal tokens end.

    \b
    Example, which asks for the password:
      bucketlist user reset-password ada@example.com
    """
    chosen = read_password(password, is_from_stdin=password_stdin)
    wanted = NewPasswordIn.model_validate({"newPassword": chosen})
    with application():
        found = accounts_service.get_user_by_email(email)
        recovery.set_password(found, wanted.new_password, staying_session=None)
    click.echo(f"{email} has a new password, is signed out everywhere, and has no personal token any more.")
    if found.disabled_at:
        click.echo("The account is disabled all the same; “bucketlist user enable” lets them log in.", err=True)


@user.command()
@click.argument("email")
def disable(email: str) -> None:
    """Keep EMAIL out: they cannot log in, and sessions, personal tokens and mailed links end. Their lists are kept.

    \b
    Example:
      bucketlist user disable ada@example.com
    """
    with application():
        is_news = accounts_service.disable_user(accounts_service.get_user_by_email(email))
    click.echo(f"{email} {'is' if is_news else 'was, and stays,'} disabled, and signed out everywhere.")


@user.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let EMAIL log in again, with the same password. Sessions and personal tokens that ended do not come back.

    \b
    Example:
      bucketlist user enable ada@example.com
    """
    with application():
        is_news = accounts_service.enable_user(accounts_service.get_user_by_email(email))
    click.echo(f"{email} can log in again." if is_news else f"{email} is not disabled.")


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
        accounts_service.remove_user(accounts_service.get_user_by_email(email))
    click.echo(f"{email} is gone.")
