"""Settings sources beside the environment: a `.env` file, and `NAME_FILE`, the file that holds a secret."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

SECRETS = ("secret_key", "database_url", "files_url", "mail_url", "metrics_token")
MAX_SECRET_BYTES = 64 * 1024


class SettingsError(Exception):
    """Settings that nothing can start with; the message says in a sentence which and why."""


class SecretFiles(EnvSettingsSource):
    """Reads `NAME_FILE`, the file that holds the secret `NAME`, as container platforms hand secrets out."""

    def __call__(self) -> dict[str, Any]:
        paths = {name: self.env_vars.get(f"{name}_file") for name in SECRETS}
        return {name: read_secret(name, path) for name, path in paths.items() if path}


class DotEnv(DotEnvSettingsSource):
    """A `.env` file whose values are what stands there: `$` and `${X}` are part of a password.

    The environment wins, also by a variable that is empty, which means the default.
    """

    def __call__(self) -> dict[str, Any]:
        self.heed_environment()
        return super().__call__()

    def heed_environment(self) -> None:
        """Leave out what the environment has: a secret in the file of that name as well."""
        given = {name.lower() for name in os.environ}
        given |= {f"{name}_file" for name in SECRETS if name in given}
        self.env_vars = {name: value for name, value in self.env_vars.items() if name not in given}

    def _read_env_file(self, file_path: Path) -> Mapping[str, str | None]:
        found = dotenv_values(file_path, encoding="utf-8", interpolate=False)
        if nul := [name for name, value in found.items() if "\0" in f"{name}{value}"]:
            raise SettingsError(f"{nul[0]!r} in {file_path} holds a NUL.")
        return {name.lower(): value for name, value in found.items() if value}


class DotEnvSecretFiles(SecretFiles, DotEnv):
    """The same, for a `NAME_FILE` that stands in the `.env` file."""

    def __call__(self) -> dict[str, Any]:
        self.heed_environment()
        return SecretFiles.__call__(self)


def read_secret(name: str, path: str) -> str:
    """The one line that a file holds. Raises: `SettingsError` when it is not one."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_SECRET_BYTES + 1)
        secret = data.decode("utf-8-sig").strip()
    except OSError as error:
        raise SettingsError(f"{name.upper()}_FILE: {path} cannot be used: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{name.upper()}_FILE: the file is not text in UTF-8.") from None
    if wrong := _find_wrong(secret, len(data)):
        raise SettingsError(f"{name.upper()}_FILE: the file {wrong}.")
    return secret


def _find_wrong(secret: str, length: int) -> str | None:
    if not secret:
        return "is empty"
    if length > MAX_SECRET_BYTES:
        return "is larger than 64 KiB"
    return None if secret.isprintable() else "holds more than one line, or characters that nobody can type"
