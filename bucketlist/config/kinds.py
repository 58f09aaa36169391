"""Configuration profiles: development, testing and production, and which of them a process has."""

from pathlib import Path
from typing import Any, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bucketlist.config.names import names_in_file, refuse_misspelt
from bucketlist.config.secret import kept_secret
from bucketlist.config.settings import Kind, Settings
from bucketlist.config.sources import DotEnv, SettingsError
from bucketlist.config.strength import refuse_weak_secret
from bucketlist.config.values import Folder, Switch

FOLDER = TypeAdapter(Folder)  # so that a secret is made where the database is, however DATA_DIR is written


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

    debug: Switch = Field(True, description=Settings.model_fields["debug"].description)

    @model_validator(mode="before")
    @classmethod
    def _make_a_secret(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("secret_key"):
            return values
        try:
            folder = FOLDER.validate_python(values.get("data_dir") or Settings.model_fields["data_dir"].default)
        except ValidationError:
            return values  # the setting itself says what is wrong with it
        return {**values, "secret_key": kept_secret(folder)}


class Testing(Development):
    """As development, but quiet."""

    debug: Switch = Field(False, description=Settings.model_fields["debug"].description)
    access_log: Switch = Field(False, description=Settings.model_fields["access_log"].description)


class _Choice(BaseSettings):
    """Reads which of the three it is to be."""

    model_config = Settings.model_config

    app_setting: Kind = "development"

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        made, environment, *_ = (*sources, *named.values())
        return (made, environment, DotEnv(settings_cls))


KINDS: dict[str, type[Settings]] = {"development": Development, "testing": Testing, "production": Production}


def load_settings(**overrides: Any) -> Settings:
    """The settings of the process's environment over those of a `.env` file, with `overrides` on top.

    Raises: `SettingsError` with a sentence for the operator.
    """
    try:
        refuse_misspelt(names_in_file())
        kind = KINDS[_Choice(**overrides).app_setting]
        return kind(**overrides)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    except OSError as error:
        setting = "" if Path(error.filename).name == ".env" else "DATA_DIR: "  # where a secret is made
        raise SettingsError(f"{setting}{error.filename} cannot be used: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError("The file .env is not text in UTF-8.") from None


def _sentence(error: ValidationError) -> str:
    """What is wrong, without the value (it may be a secret)."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    message = first["msg"].removeprefix("Value error, ").rstrip(".")
    name = ".".join(str(part) for part in first["loc"]).upper()
    return f"{name}: {message}." if name else f"{message}."
