"""Where settings come from, beside the environment and a `.env` file: `NAME_FILE`, the file that holds a secret."""

from pathlib import Path
from typing import Any

from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

SECRETS = ("secret_key", "database_url", "mail_url", "metrics_token")


class SettingsProblem(Exception):
    """Settings that nothing can start with; the message says in a sentence which and why."""


class SecretFiles(EnvSettingsSource):
    """Reads `NAME_FILE`, the file that holds the secret `NAME`, as container platforms hand secrets out."""

    def __call__(self) -> dict[str, Any]:
        paths = {name: self.env_vars.get(f"{name}_file") for name in SECRETS}
        return {name: _read_secret(name, path) for name, path in paths.items() if path}


class DotEnvSecretFiles(SecretFiles, DotEnvSettingsSource):
    """The same, for a `NAME_FILE` that stands in the `.env` file."""


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except UnicodeDecodeError:
        raise SettingsProblem(f"{name.upper()}_FILE: the file is not text in UTF-8.") from None
