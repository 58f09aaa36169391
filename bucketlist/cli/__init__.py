"""The commands: `bucketlist serve`, `db`, `dummy`, `user`, `backup`, `restore`, `verify` and what helps with them."""

import os
import sys
from pathlib import Path

import click
from pydantic import ValidationError

from bucketlist import __version__
from bucketlist.cli import backups, people, schema, serving
from bucketlist.config import SettingsProblem
from bucketlist.kit.errors import Refusal
from bucketlist.kit.standard_streams import fill_closed_streams
from bucketlist.migrations.runner import MigrationProblem
from bucketlist.ops.archive import BackupProblem
from bucketlist.ops.server import CannotListen

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
        fill_closed_streams()
        try:
            try:
                return super().invoke(context)
            finally:
                sys.stdout.flush()  # now, while it can be told that it failed
        except BrokenPipeError:  # whoever read it, as head(1) does, has had enough; click ends quietly
            raise
        except (SettingsProblem, MigrationProblem, BackupProblem, CannotListen) as problem:
            raise click.ClickException(str(problem)) from None
        except Refusal as refusal:
            raise click.ClickException(" ".join(item["detail"] for item in refusal.errors) or refusal.detail) from None
        except ValidationError as error:
            raise click.ClickException(" ".join(item["msg"] for item in error.errors())) from None
        except OSError as error:
            if error.filename is None:  # most likely what was to be printed: it must not be tried again at the end
                sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  # until the process ends
            raise click.ClickException(f"{error.filename or 'The system'}: {error.strerror}.") from None
        except UnicodeEncodeError:
            raise click.ClickException("What was typed is not text in UTF-8.") from None


@click.group(cls=Commands, help=HELP)
@click.version_option(__version__, prog_name="bucketlist")
def main() -> None:
    pass


for command in (
    serving.serve,
    schema.db,
    people.dummy,
    people.user,
    backups.backup,
    backups.restore,
    backups.verify,
    serving.routes,
    serving.openapi,
    serving.prune,
):
    main.add_command(command)
