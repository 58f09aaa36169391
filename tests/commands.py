"""Commands that run in this process: as strict about how they end as one of their own, and quicker."""

import re
from collections.abc import Iterator, Sequence
from contextlib import chdir
from pathlib import Path

import click
from click.testing import CliRunner, Result

from bucketlist.cli import main
from bucketlist.config import Settings

SENTENCE = re.compile(r"(?:Database: [^\n]+\n)?Error: ([^\n]+[.?])\n\Z")


def invoke(folder: Path, *arguments: str, typed: str | None = None, **settings: str) -> Result:
    """What `bucketlist …` does in `folder` with nothing but `settings` in its environment; `typed` is typed in."""
    environment = {name.upper(): None for name in Settings.model_fields} | settings
    with chdir(folder):
        return CliRunner(env=environment).invoke(main, arguments, input=typed)


def succeed(folder: Path, *arguments: str, typed: str | None = None, **settings: str) -> str:
    """What a command prints that has to end well."""
    result = invoke(folder, *arguments, typed=typed, **settings)
    assert result.exit_code == 0, result.output
    return result.stdout


def refusal(folder: Path, *arguments: str, typed: str | None = None, **settings: str) -> str:
    """The sentence, and nothing else, with which a command refuses to go on."""
    result = invoke(folder, *arguments, typed=typed, **settings)
    assert isinstance(result.exception, SystemExit), result.exc_info
    return sentence_of(result.exit_code, result.stderr)


def sentence_of(exit_code: int, printed: str) -> str:
    """The one sentence that a command printed as it failed, without a traceback."""
    assert exit_code != 0
    found = SENTENCE.match(printed)
    assert found, printed
    return found[1]


def inner(command: click.Command) -> dict[str, click.Command]:
    """The commands of a group, by name; none of what is no group."""
    if not isinstance(command, click.Group):
        return {}
    context = click.Context(command)
    found = {name: command.get_command(context, name) for name in command.list_commands(context)}
    return {name: each for name, each in found.items() if each}


def all_commands(command: click.Command = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words that call each command, groups included."""
    yield path
    for name, each in inner(command).items():
        yield from all_commands(each, (*path, name))


def find_command(words: Sequence[str]) -> click.Command:
    """The command that `words` call. Raises: `KeyError`."""
    command: click.Command = main
    for word in words:
        command = inner(command)[word]
    return command
