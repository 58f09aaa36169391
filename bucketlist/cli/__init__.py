"""Command-line interface: `bucketlist serve`, `db`, `dummy`, `user`, `backup`, `restore`, `verify` and what helps them.

Each command is imported when it is called, so that one that needs little, as a health check, begins at once.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from bucketlist import __version__
from bucketlist.kit.standard_streams import fill_closed_streams

HELP = """A home for bucket lists: what people want to do before they die.

\b
The first minute:
  bucketlist serve        serve http://127.0.0.1:8000 on SQLite in ./data
  bucketlist dummy        fill it with a believable user
  bucketlist COMMAND --help

Settings come from the environment or a .env file: APP_SETTING, DATABASE_URL, PORT and others; the README lists them.
"""

COMMANDS = {  # by the module that has it
    "serving": ("serve", "routes", "openapi", "prune"),
    "schema": ("db",),
    "people": ("dummy", "user"),
    "backups": ("backup", "restore", "verify"),
    "health": ("health",),
    "doctor": ("doctor",),
}
MODULES = {name: module for module, names in COMMANDS.items() for name in names}


class Commands(click.Group):
    """Turns what can go wrong outside of us into one sentence and an exit code, without a traceback."""

    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(MODULES)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in MODULES:
            return None
        command: click.Command = getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
        return command

    def invoke(self, context: click.Context) -> object:
        fill_closed_streams()
        try:
            try:
                return super().invoke(context)
            finally:
                sys.stdout.flush()  # now, while it can be told that it failed
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except BrokenPipeError:  # whoever read it, as head(1) does, has had enough; click ends quietly
            raise
        except OSError as error:
            if error.filename is None:  # most likely what was to be printed: it must not be tried again at the end
                sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  # until the process ends
            raise click.ClickException(f"{error.filename or 'The system'}: {error.strerror}.") from None
        except UnicodeEncodeError:
            raise click.ClickException("What was typed is not text in UTF-8.") from None
        except Exception as error:
            told = import_module(f"{__name__}.sentences").sentence_of(error)  # it knows all that can fail: not before
            if told is None:
                raise
            raise click.ClickException(told) from None


@click.group(cls=Commands, help=HELP)
@click.version_option(__version__, prog_name="bucketlist")
def main() -> None:
    pass
