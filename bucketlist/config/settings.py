"""Settings schema: every one with its type, its default and what is checked of it alone."""

import hmac
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bucketlist.config.files_url import check_files_url
from bucketlist.config.hosts import check_hosts, split_hosts
from bucketlist.config.origins import check_origins, split_origins
from bucketlist.config.secret import KEY_FILE
from bucketlist.config.sources import DotEnv, DotEnvSecretFiles, SecretFiles
from bucketlist.config.strength import check_token
from bucketlist.config.values import (
    Address,
    Folder,
    Number,
    Port,
    Switch,
    check_inner_path,
    read_switch,
    refuse_own_place,
    stripped,
)
from bucketlist.kit.db.postgres_url import name_of_database, refuse_unclear_database
from bucketlist.kit.hostnames import in_brackets
from bucketlist.kit.mail_url import check_mail_url, check_sender
from bucketlist.kit.web_url import check_public_url

Kind = Annotated[Literal["development", "testing", "production"], BeforeValidator(stripped)]
Registration = Annotated[Literal["open", "invite", "closed"], BeforeValidator(stripped)]


class Settings(BaseSettings):
    """What holds everywhere. Each field is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, env_file=".env")

    app_setting: Kind = Field("development", description="development, testing or production")
    host: Address = Field("127.0.0.1", description="the address to listen on")
    port: Port = Field(8000, description="the port to listen on")
    workers: Number = Field(1, ge=1, le=256, description="worker processes; as many as cores with PostgreSQL")
    keep_alive_seconds: Number = Field(
        75, ge=5, le=3600, description="how long an idle connection is kept; longer than the proxy in front keeps it"
    )
    public_url: Annotated[str, AfterValidator(check_public_url), AfterValidator(refuse_own_place)] = Field(
        "", description="how people reach the service, under a path if you like; made of HOST and PORT when empty"
    )
    database_url: str = Field(
        "", repr=False, description="postgresql://…, with several hosts if you like; SQLite in DATA_DIR when empty"
    )
    data_dir: Folder = Field(Path("data"), description="where SQLite, photos and the secret are kept")
    backup_dir: Folder | None = Field(None, description="a folder for a backup every day; none are made when empty")
    backup_keep: Number = Field(7, ge=1, le=1000, description="how many backups in BACKUP_DIR are kept")
    backup_files: Switch = Field(True, description="photos are in backups; off where they are backed up otherwise")
    files_url: Annotated[str, AfterValidator(check_files_url)] = Field(
        "", repr=False, description="s3://key:secret@host/bucket, where photos are kept; in DATA_DIR when empty"
    )
    x_accel_redirect: Annotated[str, AfterValidator(check_inner_path)] = Field(
        "", description="the internal location of nginx that has DATA_DIR/files, so that nginx sends photos"
    )
    storage_quota: Number = Field(
        2048, ge=1, le=10_000_000, description="MiB of photos that one account may keep, their previews included"
    )
    database_pool_size: Number = Field(8, ge=1, le=100, description="database connections of a worker")
    database_prepare: Switch = Field(True, description="keep statements at PostgreSQL; off behind a pooler, see below")
    secret_key: str = Field("", repr=False, description="at least 32 bytes that nobody can guess")
    debug: Switch = Field(False, description="log more; refused in production")
    access_log: Switch = Field(True, description="one line a request")
    ratelimit_enabled: Switch = Field(True, description="limit attempts at login, sign-up and password change")
    registration: Registration = Field(
        "open", description="who may sign up: open, anybody; invite, whom you invite; closed, nobody"
    )
    registration_open: Switch | None = Field(
        None, description="an older name of REGISTRATION: true for open, false for closed"
    )
    trusted_proxies: Number = Field(0, ge=0, le=10, description="proxies in front whose X-Forwarded-For is believed")
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
    metrics_host: Address = Field("127.0.0.1", description="the address on which Prometheus finds METRICS_PORT")
    metrics_port: Port = Field(0, description="a port for metrics only; 0 for none")
    metrics_token: Annotated[str, AfterValidator(check_token)] = Field(
        "", repr=False, description="who sends it as a bearer token may read /metrics on PORT"
    )

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        made, environment, *_ = (*sources, *named.values())
        return (made, environment, SecretFiles(settings_cls), DotEnv(settings_cls), DotEnvSecretFiles(settings_cls))

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, url: str) -> str:
        if url := url.strip():
            refuse_unclear_database(url)
        return url

    @model_validator(mode="before")
    @classmethod
    def _heed_older_name(cls, values: dict[str, Any]) -> dict[str, Any]:
        """What was closed by the older name stays closed."""
        given = values.get("registration_open")
        if given in (None, ""):
            return values
        if values.get("registration"):
            raise ValueError("REGISTRATION_OPEN is an older name of REGISTRATION; leave it out")
        with suppress(ValueError):  # the setting itself says what is wrong with it
            return {**values, "registration": "open" if read_switch(given) else "closed"}
        return values

    @model_validator(mode="after")
    def _leave_files_to_one(self) -> Self:
        if self.x_accel_redirect and self.files_url:
            raise ValueError("X_ACCEL_REDIRECT is for photos in a folder; leave it out, or FILES_URL")
        return self

    @model_validator(mode="after")
    def _keep_ports_apart(self) -> Self:
        if self.metrics_port and self.metrics_port == self.port:
            raise ValueError("METRICS_PORT is the same as PORT; choose another")
        return self

    def key(self, purpose: str) -> bytes:
        """A key of its own for each purpose, so that what one signs is worthless to the others."""
        return hmac.digest(self.secret_key.encode(), purpose.encode(), "sha256")

    @property
    def server_name(self) -> str:
        """Under which PostgreSQL lists this server: others with the same secret key have the same name."""
        return f"bucketlist, key {self.key('server-name').hex()[:8]}"

    @property
    def is_measured(self) -> bool:
        """Does anybody read the metrics?"""
        return bool(self.metrics_port or self.metrics_token)

    @property
    def place(self) -> str:
        """Which database this is, for people to read, without a password."""
        return name_of_database(self.database_url) if self.database_url else f"SQLite in {self.sqlite_path}"

    @property
    def sqlite_path(self) -> Path:
        return self.data_dir / "bucketlist.sqlite"

    @property
    def files_dir(self) -> Path:
        """The folder of what people upload, or, with `FILES_URL`, of what is on its way."""
        return self.data_dir / "files"

    @property
    def storage_quota_bytes(self) -> int:
        return self.storage_quota * 1024 * 1024

    @property
    def private_files(self) -> list[Path]:
        """What there may be in DATA_DIR that is nobody else's business."""
        return [*self.data_dir.glob(f"{self.sqlite_path.name}*"), self.data_dir / KEY_FILE]

    @property
    def allowed_origins(self) -> frozenset[str]:
        return split_origins(self.cors_origins)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The hosts that a request may name; none means any, as in development, where a machine has many names."""
        named = split_hosts(self.trusted_hosts)
        public = urlsplit(self.public_url).hostname
        if public and (named or self.app_setting == "production"):
            return named | {in_brackets(public)}
        return named

    @property
    def base_url(self) -> str:
        """How people reach the service, without a slash at the end. Never taken from a request."""
        return self.public_url or f"http://{in_brackets(self.host)}:{self.port}"

    @property
    def base_path(self) -> str:
        """The path of `PUBLIC_URL`, without a slash at its end; nothing at the root of a host."""
        return urlsplit(self.public_url).path

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    def cookie_name(self, name: str) -> str:
        """The name of a cookie that no other host and no page without TLS can set; without TLS a plain one."""
        return f"__Host-{name}" if self.is_https else f"bucketlist-{name}"

    @property
    def sender(self) -> str:
        """The address that mail comes from."""
        host = urlsplit(self.base_url).hostname or ""
        is_name = ":" not in host and not host.replace(".", "").isdecimal()
        return self.mail_from or f"bucketlist@{host if is_name else 'localhost'}"
