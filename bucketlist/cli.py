"""The commands: `bucketlist serve`, `db`, `dummy`, `user`, `routes`, `openapi`, `prune`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress

from bucketlist import __version__
from bucketlist.app import create_app
from bucketlist.auth import retries
from bucketlist.auth import service as auth
from bucketlist.auth.queries import UserRow
from bucketlist.auth.schemas import NewPasswordIn, RegisterIn
from bucketlist.config import Settings, SettingsProblem, load_settings
from bucketlist.kit.errors import Refusal
from bucketlist.migrations import runner
from bucketlist.migrations.runner import MigrationProblem
from bucketlist.ops import server
from bucketlist.ops.dummy import Account, make_dummy_data

HELP = """A home for bucket lists: what people want to do before they die.

\b
The first minute:
  bucketlist serve        serve http://127.0.0.1:8000 on SQLite in ./data
  bucketlist dummy        fill it with a believable user
  bucketlist COMMAND --help

Settings come from the environment or a .env file: APP_SETTING, DATABASE_URL, PORT and others; the README lists them.
"""


class Commands(click.Group):
    """Turns what can go wrong outside of us into one sentence and an exit code, without a traceback."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except (SettingsProblem, MigrationProblem, server.PortTaken, Refusal) as problem:
            raise click.ClickException(str(problem)) from None
        except ValidationError as error:
            raise click.ClickException("; ".join(item["msg"] for item in error.errors())) from None
        except OSError as error:
            raise click.ClickException(f"{error.filename or 'The system'}: {error.strerror}.") from None


@click.group(cls=Commands, help=HELP)
@click.version_option(__version__, prog_name="bucketlist")
def main() -> None:
    pass


@main.command()
@click.option("--host", help="The address to listen on (HOST).")
@click.option("--port", type=int, help="The port to listen on (PORT).")
def serve(host: str | None, port: int | None) -> None:
    """Serve until Ctrl-C. SQLite is brought up to date first; PostgreSQL has to be (see “db upgrade”)."""
    for name, value in (("HOST", host), ("PORT", port)):
        if value is not None:
            os.environ[name] = str(value)  # the workers read their settings themselves
    settings = load_settings()
    server.refuse_taken_port(settings.host, settings.port)
    if settings.database_url:
        refuse_old_schema(settings)
    else:
        runner.upgrade(settings)
    where = "PostgreSQL" if settings.database_url else f"SQLite in {settings.sqlite_path}"
    click.echo(f"bucketlist {__version__}, {settings.app_setting}, on {where}")
    click.echo(f"Open {settings.base_url} in a browser; Ctrl-C stops it.")
    server.serve(settings)


def refuse_old_schema(settings: Settings) -> None:
    """Raises: `MigrationProblem` unless the database has the schema of this version."""
    revision = runner.revision_of(settings)
    if runner.is_newer(revision):
        raise MigrationProblem("The database was made by a newer version of bucketlist; upgrade the software.")
    if revision != runner.head():
        raise MigrationProblem("The database is not up to date; run “bucketlist db upgrade” first.")


@main.group()
def db() -> None:
    """Bring the database's schema up, or down, and say where it is."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to REVISION (the newest). All data is kept."""
    settings = load_settings()
    runner.upgrade(settings, revision)
    click.echo(f"The database is at revision {runner.revision_of(settings)}.")


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Bring the schema down to REVISION; “base” removes everything."""
    settings = load_settings()
    runner.downgrade(settings, revision)
    click.echo(f"The database is at revision {runner.revision_of(settings) or 'base'}.")


@db.command()
def current() -> None:
    """Say at which revision the database is, and which is the newest."""
    click.echo(f"{runner.revision_of(load_settings()) or 'base'} (newest: {runner.head()})")


@contextmanager
def application() -> Iterator[None]:
    """The application at work, on a database that is up to date."""
    settings = load_settings()
    if settings.database_url:
        refuse_old_schema(settings)
    else:
        runner.upgrade(settings)
    with create_app(settings).app_context():
        yield


@main.command()
@click.option("--users", default=1, show_default=True, type=click.IntRange(1), help="How many people.")
@click.option("--buckets", default=100, show_default=True, type=click.IntRange(1), help="Buckets of each.")
@click.option("--items", default=1000, show_default=True, type=click.IntRange(0), help="Items of each, in all buckets.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes up the same names.")
def dummy(users: int, buckets: int, items: int, seed: int) -> None:
    """Fill the database with believable people and wishes, and print how to sign in."""
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


@main.group()
def user() -> None:
    """Add people, help those who forgot their password, remove accounts."""


PASSWORD = click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when absent."
)


@user.command()
@click.argument("email")
@click.option("--name", help="How they want to be called.")
@PASSWORD
def add(email: str, name: str | None, password: str) -> None:
    """Make an account for EMAIL, also when registration is closed."""
    wanted = RegisterIn.model_validate({"email": email, "password": password, "name": name})
    with application():
        added = auth.add_user(wanted)
    click.echo(f"{added.email} can sign in now.")


@user.command("reset-password")
@click.argument("email")
@PASSWORD
def reset_password(email: str, password: str) -> None:
    """Give EMAIL a new password. They are signed out everywhere."""
    wanted = NewPasswordIn.model_validate({"newPassword": password})
    with application():
        auth.set_password(get_user(email), wanted.new_password, staying_session=None)
    click.echo(f"{email} has a new password and is signed out everywhere.")


@user.command()
@click.argument("email")
@click.confirmation_option(prompt="This removes the account and everything in it, for good. Go on?")
def delete(email: str) -> None:
    """Remove the account of EMAIL and everything in it."""
    with application():
        auth.remove_user(get_user(email))
    click.echo(f"{email} is gone.")


def get_user(email: str) -> UserRow:
    found = auth.find_user_by_email(email)
    if found is None:
        raise click.ClickException("There is no account with this email.")
    return found


@main.command()
def routes() -> None:
    """List every route with its methods."""
    app = create_app(load_settings())
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        click.echo(f"{methods:7} {rule.rule}")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def openapi(file: Path | None) -> None:
    """Write the OpenAPI document to FILE, or print it."""
    document = create_app(load_settings()).document_json
    if file:
        file.write_text(document)
    else:
        click.echo(document, nl=False)


@main.command()
def prune() -> None:
    """Remove what has expired: tokens, sessions, attempts, kept answers. The server does so every hour."""
    with application():
        retries.prune()
    click.echo("Pruned.")
