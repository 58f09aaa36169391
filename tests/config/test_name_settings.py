"""F28: a setting that was misspelt is named, with the one that was meant; the older name of REGISTRATION is heeded."""

from pathlib import Path

import pytest

from bucketlist.config import SettingsError, load_settings
from bucketlist.config.names import KNOWN, likely, misspelt, unknown


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PUBLIC_ULR", "PUBLIC_URL"),
        ("public_ulr", "PUBLIC_URL"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("SECRETKEY", "SECRET_KEY"),
        ("SECRET_KEY_FLIE", "SECRET_KEY_FILE"),
        ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
        ("REGISTRATION_OPENED", "REGISTRATION_OPEN"),
        ("CORS_ORIGIN", "CORS_ORIGINS"),
    ],
)
def test_f28_a_misspelt_name_in_the_file_stops_the_start(name: str, meant: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{name}=hunter2\n")

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert str(refused.value) == f"{name.upper()} in the file .env is not a setting; {meant} is one."


def test_f28_names_of_others_in_the_file_are_no_mistake(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("POSTGRES_PASSWORD=x\nCOMPOSE_PROJECT_NAME=lists\nTZ=UTC\n")

    assert load_settings().port
    assert unknown(["POSTGRES_PASSWORD", "PORT", "TZ", "MAIL_URL_FILE"]) == ["POSTGRES_PASSWORD", "TZ"]


def test_f28_no_setting_is_taken_for_another() -> None:
    assert [name for name in KNOWN if likely(name)] == []
    assert misspelt(["HOME", "HOSTNAME", "PATH", "LANG", "PWD", "PUBLIC_ULR"]) == ["PUBLIC_ULR"]


@pytest.mark.parametrize(("older", "meant"), [("false", "closed"), ("no", "closed"), ("true", "open"), ("", "open")])
@pytest.mark.parametrize("is_in_file", [True, False])
def test_f28_the_older_name_is_heeded(
    older: str, meant: str, is_in_file: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_in_file:
        Path(".env").write_text(f"REGISTRATION_OPEN={older}\n")
    else:
        monkeypatch.setenv("REGISTRATION_OPEN", older)

    assert load_settings().registration == meant


@pytest.mark.parametrize("older", ["true", "false"])
@pytest.mark.parametrize("registration", ["open", "invite", "closed"])
def test_f28_both_names_at_once_are_refused_wherever_they_stand(
    older: str, registration: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".env").write_text(f"REGISTRATION_OPEN={older}\n")
    monkeypatch.setenv("REGISTRATION", registration)

    with pytest.raises(SettingsError, match="REGISTRATION_OPEN is an older name of REGISTRATION; leave it out"):
        load_settings()


def test_nginx_cannot_send_what_is_in_an_object_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILES_URL", "s3://ada:hunter2@s3.example.com/photos")
    monkeypatch.setenv("X_ACCEL_REDIRECT", "/photos-inside/")

    with pytest.raises(SettingsError, match="X_ACCEL_REDIRECT is for photos in a folder; leave it out, or FILES_URL"):
        load_settings()


def test_f28_without_a_word_anybody_may_sign_up() -> None:
    assert load_settings().registration == "open"
