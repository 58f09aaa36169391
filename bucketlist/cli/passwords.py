"""Password prompt of a command: asked for without an echo, read from standard input, or, as history keeps it, given."""

import sys

import click

LONGEST = 4096


def read_password(given: str | None, *, is_from_stdin: bool) -> str:
    """The password that is meant. Raises: `ClickException` when that is not clear, `Abort` at the end of input."""
    if given is not None and is_from_stdin:
        raise click.UsageError("Give --password or --password-stdin, not both.")
    if is_from_stdin:
        return _read_line()
    if given is not None:
        return given
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _read_line() -> str:
    """All of standard input, which is one line, without its end."""
    try:
        text = sys.stdin.buffer.read(LONGEST).decode()
    except UnicodeDecodeError:
        raise click.ClickException("What was typed is not text in UTF-8.") from None
    password = text.removesuffix("\n").removesuffix("\r")
    if not password or "\n" in password or len(text) == LONGEST:
        raise click.ClickException("Standard input has to be one line, the password.")
    return password
