"""Settings: from the environment or a `.env` file, frozen, checked before anything starts.

`APP_SETTING` chooses between development (the default), testing and production. Production refuses what would be
unsafe; development makes a secret of its own on the first start. A secret can be read from a file: `SECRET_KEY_FILE`.
"""

import hmac
import os
import secrets
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from flask import current_app
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

SECRET_KEY_BYTES = 32
PLACEHOLDERS = (
    "change",
    "secret",
    "example",
    "default",
    "password",
    "placeholder",
    "insecure",
    "your-",
    "xxxx",
    "test",
)
POSTGRES_SCHEMES = ("postgresql", "postgres")
SECRETS = ("secret_key", "database_url")


class SettingsProblem(Exception):
    """Settings that nothing can start with; the message says in a sentence which and why."""


Kind = Literal["development", "testing", "production"]


class Settings(BaseSettings):
    """What holds everywhere. Each field is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, env_file=".env")

    app_setting: Kind = Field("development", description="development, testing or production")
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="the port to listen on")
    workers: int = Field(1, ge=1, le=256, description="worker processes; as many as cores with PostgreSQL")
    public_url: str = Field("", description="how people reach the service; made of HOST and PORT when empty")
    database_url: str = Field("", description="postgresql://…; SQLite in DATA_DIR when empty")
    data_dir: Path = Field(Path("data"), description="where SQLite and the secret are kept")
    database_pool_size: int = Field(8, ge=1, le=100, description="database connections of a worker")
    secret_key: str = Field("", repr=False, description="at least 32 bytes that nobody can guess")
    debug: bool = Field(False, description="log more; refused in production")
    access_log: bool = Field(True, description="one line a request")
    ratelimit_enabled: bool = Field(True, description="limit attempts at login, sign-up and password change")
    registration_open: bool = Field(True, description="may anybody sign up?")
    trusted_proxies: int = Field(0, ge=0, le=10, description="proxies in front whose X-Forwarded-For is believed")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (*sources, *named.values(), SecretFiles(settings_cls))

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, url: str) -> str:
        if url and urlsplit(url).scheme not in POSTGRES_SCHEMES:
            raise ValueError("must begin with postgresql://; leave it empty for SQLite in DATA_DIR")
        return url

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must begin with http:// or https:// and name a host")
        return url.rstrip("/")

    def key(self, purpose: str) -> bytes:
        """A key of its own for each purpose, so that what one signs is worthless to the others."""
        return hmac.digest(self.secret_key.encode(), purpose.encode(), "sha256")

    @property
    def sqlite_path(self) -> Path:
        return self.data_dir / "bucketlist.sqlite"

    @property
    def base_url(self) -> str:
        """How people reach the service, without a slash at the end. Never taken from a request."""
        return self.public_url or f"http://{self.host}:{self.port}"


class Production(Settings):
    """Refuses to start with a weak or missing secret, or with debug on."""

    @model_validator(mode="after")
    def _refuse_what_is_unsafe(self) -> Self:
        if self.debug:
            raise ValueError("DEBUG must be off in production")
        if not self.secret_key:
            raise ValueError(
                "SECRET_KEY is missing; make one with: python3 -c 'import secrets; print(secrets.token_hex())'"
            )
        refuse_weak_secret(self.secret_key)
        return self


class Development(Settings):
    """Runs without any setting: SQLite, and a random secret of its own kept beside it."""

    debug: bool = Field(True, description=Settings.model_fields["debug"].description)

    @model_validator(mode="before")
    @classmethod
    def _make_a_secret(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("secret_key"):
            return values
        folder = Path(values.get("data_dir") or Settings.model_fields["data_dir"].default)
        return {**values, "secret_key": kept_secret(folder)}


class Testing(Development):
    """As development, but quiet."""

    debug: bool = Field(False, description=Settings.model_fields["debug"].description)
    access_log: bool = Field(False, description=Settings.model_fields["access_log"].description)


class _Choice(BaseSettings):
    """Reads which of the three it is to be."""

    model_config = Settings.model_config

    app_setting: Kind = "development"


class SecretFiles(DotEnvSettingsSource):
    """Reads `NAME_FILE`, the file that holds the secret `NAME`, as container platforms hand secrets out."""

    def __call__(self) -> dict[str, Any]:
        paths = {name: self.env_vars.get(f"{name}_file") or os.environ.get(f"{name}_file".upper()) for name in SECRETS}
        return {name: Path(path).read_text().strip() for name, path in paths.items() if path}


KINDS: dict[str, type[Settings]] = {"development": Development, "testing": Testing, "production": Production}


def load_settings(**overrides: Any) -> Settings:
    """The settings of the process's environment over those of a `.env` file, with `overrides` on top.

    Raises: `SettingsProblem` with a sentence for the operator.
    """
    try:
        kind = KINDS[_Choice(**overrides).app_setting]
        return kind(**overrides)
    except ValidationError as error:
        raise SettingsProblem(_sentence(error)) from None
    except OSError as error:
        raise SettingsProblem(f"{error.filename} cannot be used: {error.strerror}.") from None


def current() -> Settings:
    """The settings of the application that is at work."""
    found: Settings = current_app.extensions["settings"]
    return found


def refuse_weak_secret(secret: str) -> None:
    """Raises: `ValueError` for a secret that is short, a known sample, or has next to no variety."""
    if len(secret.encode()) < SECRET_KEY_BYTES:
        raise ValueError(f"SECRET_KEY is too short; it takes at least {SECRET_KEY_BYTES} bytes")
    if len(set(secret)) < 8 or any(word in secret.lower() for word in PLACEHOLDERS):
        raise ValueError("SECRET_KEY looks like a sample; make one of your own")


def kept_secret(folder: Path) -> str:
    """The random secret in `folder`, made on the first start and readable by its owner only."""
    path = folder / "secret.key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(SECRET_KEY_BYTES))
    except FileExistsError:
        pass
    return path.read_text().strip()


def _sentence(error: ValidationError) -> str:
    """What is wrong, without the value (it may be a secret)."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    name = ".".join(str(part) for part in first["loc"]).upper()
    return f"{name}: {message}." if name else f"{message}."
