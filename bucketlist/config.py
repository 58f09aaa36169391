"""Settings: from the environment or a `.env` file, frozen, checked before anything starts.

`APP_SETTING` chooses between development (the default), testing and production. Production refuses what would be
unsafe; development makes a secret of its own on the first start. A secret can be read from a file: `SECRET_KEY_FILE`.
"""

import fcntl
import hmac
import os
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from flask import current_app
from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bucketlist.kit.cors import check_origins, split_origins
from bucketlist.kit.hosts import check_hosts, split_hosts
from bucketlist.kit.postgres import refuse_unclear_database
from bucketlist.kit.smtp import check_mail_url, check_sender
from bucketlist.kit.strength import SECRET_KEY_BYTES, check_token, refuse_weak_secret

SECRETS = ("secret_key", "database_url", "mail_url", "metrics_token")


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
    database_url: str = Field("", repr=False, description="postgresql://…; SQLite in DATA_DIR when empty")
    data_dir: Path = Field(Path("data"), description="where SQLite and the secret are kept")
    database_pool_size: int = Field(8, ge=1, le=100, description="database connections of a worker")
    database_prepare: bool = Field(True, description="keep statements at PostgreSQL; off behind a pooler, see below")
    secret_key: str = Field("", repr=False, description="at least 32 bytes that nobody can guess")
    debug: bool = Field(False, description="log more; refused in production")
    access_log: bool = Field(True, description="one line a request")
    ratelimit_enabled: bool = Field(True, description="limit attempts at login, sign-up and password change")
    registration_open: bool = Field(True, description="may anybody sign up?")
    trusted_proxies: int = Field(0, ge=0, le=10, description="proxies in front whose X-Forwarded-For is believed")
    trusted_hosts: Annotated[str, AfterValidator(check_hosts)] = Field(
        "", description="hosts a request may name beside that of PUBLIC_URL, separated by commas; see below"
    )
    mail_url: Annotated[str, AfterValidator(check_mail_url)] = Field(
        "", repr=False, description="smtp://user:password@host:port, with ?starttls=1, or smtps://…; no mail when empty"
    )
    mail_from: Annotated[str, AfterValidator(check_sender)] = Field(
        "", description="the address that mail comes from; made of PUBLIC_URL when empty"
    )
    cors_origins: Annotated[str, AfterValidator(check_origins)] = Field(
        "", description="origins whose scripts may use the API, separated by commas"
    )
    metrics_host: str = Field("127.0.0.1", description="the address on which Prometheus finds METRICS_PORT")
    metrics_port: int = Field(0, ge=0, le=65535, description="a port for metrics only; 0 for none")
    metrics_token: Annotated[str, AfterValidator(check_token)] = Field(
        "", repr=False, description="who sends it as a bearer token may read /metrics on PORT"
    )

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        made, environment, dotenv, *_ = (*sources, *named.values())
        return (made, environment, SecretFiles(settings_cls), dotenv, DotEnvSecretFiles(settings_cls))

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, url: str) -> str:
        if url:
            refuse_unclear_database(url)
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
    def is_measured(self) -> bool:
        """Does anybody read the metrics?"""
        return bool(self.metrics_port or self.metrics_token)

    @property
    def sqlite_path(self) -> Path:
        return self.data_dir / "bucketlist.sqlite"

    @property
    def allowed_origins(self) -> frozenset[str]:
        return split_origins(self.cors_origins)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The hosts that a request may name; none means any, as in development, where a machine has many names."""
        named = split_hosts(self.trusted_hosts)
        public = urlsplit(self.public_url).hostname
        if public and (named or self.app_setting == "production"):
            return named | {f"[{public}]" if ":" in public else public}
        return named

    @property
    def base_url(self) -> str:
        """How people reach the service, without a slash at the end. Never taken from a request."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def sender(self) -> str:
        """The address that mail comes from."""
        host = urlsplit(self.base_url).hostname or ""
        is_name = ":" not in host and not host.replace(".", "").isdecimal()
        return self.mail_from or f"bucketlist@{host if is_name else 'localhost'}"


class Production(Settings):
    """Refuses to start with a weak or missing secret, with debug on, or with mail whose links lead nowhere."""

    @model_validator(mode="after")
    def _refuse_what_is_unsafe(self) -> Self:
        if self.debug:
            raise ValueError("DEBUG must be off in production")
        if not self.secret_key:
            raise ValueError(
                "SECRET_KEY is missing; make one with: python3 -c 'import secrets; print(secrets.token_hex())'"
            )
        refuse_weak_secret(self.secret_key)
        if self.mail_url and not self.public_url:
            raise ValueError("PUBLIC_URL is missing; links in mail begin with it")
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


class SecretFiles(EnvSettingsSource):
    """Reads `NAME_FILE`, the file that holds the secret `NAME`, as container platforms hand secrets out."""

    def __call__(self) -> dict[str, Any]:
        paths = {name: self.env_vars.get(f"{name}_file") for name in SECRETS}
        return {name: _read_secret(name, path) for name, path in paths.items() if path}


class DotEnvSecretFiles(SecretFiles, DotEnvSettingsSource):
    """The same, for a `NAME_FILE` that stands in the `.env` file."""


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
    except UnicodeDecodeError:
        raise SettingsProblem("The file .env is not text in UTF-8.") from None


def current() -> Settings:
    """The settings of the application that is at work."""
    found: Settings = current_app.extensions["settings"]
    return found


def kept_secret(folder: Path) -> str:
    """The random secret in `folder`, made on the first start and readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / "secret.key", os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # of several processes that start at the same moment, one makes it
        secret = file.read().strip()
        if not secret:
            secret = secrets.token_hex(SECRET_KEY_BYTES)
            file.write(secret)
        return secret


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except UnicodeDecodeError:
        raise SettingsProblem(f"{name.upper()}_FILE: the file is not text in UTF-8.") from None


def _sentence(error: ValidationError) -> str:
    """What is wrong, without the value (it may be a secret)."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    name = ".".join(str(part) for part in first["loc"]).upper()
    return f"{name}: {message}." if name else f"{message}."
