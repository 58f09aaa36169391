"""Where settings come from, and which wins."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bucketlist.config import SECRETS, load_settings
from tests.config.values import GOOD

KEY = "7d1f0c93ab56e28450b7c9e3116fd8a2f4096c5ed3b82a17"
OTHER_KEY = "f1e2d3c4b5a697887766554433221100ffeeddccbbaa9988"


def test_without_any_setting_it_is_development_on_sqlite_here() -> None:
    settings = load_settings()

    assert (settings.app_setting, settings.debug, settings.access_log) == ("development", True, True)
    assert (settings.database_url, str(settings.sqlite_path)) == ("", "data/bucketlist.sqlite")
    assert settings.base_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("kind", "is_debug", "has_access_log"),
    [("development", True, True), ("testing", False, False), ("production", False, True)],
)
def test_app_setting_chooses_one_of_three(
    kind: str, is_debug: bool, has_access_log: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_SETTING", kind)
    monkeypatch.setenv("SECRET_KEY", KEY)

    settings = load_settings()

    assert (settings.app_setting, settings.debug, settings.access_log) == (kind, is_debug, has_access_log)


def test_a_file_can_choose_the_configuration_and_all_else(folder: Path) -> None:
    (folder / ".env").write_text(f"APP_SETTING=production\nSECRET_KEY={KEY}\nPORT=9000\nUNHEARD_OF=1\n")

    settings = load_settings()

    assert (settings.app_setting, settings.secret_key, settings.port) == ("production", KEY, 9000)


def test_the_environment_wins_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text(f"SECRET_KEY={OTHER_KEY}\nPORT=9000\nHOST=0.0.0.0\n")
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setenv("PORT", "9001")

    settings = load_settings()

    assert (settings.secret_key, settings.port, settings.host) == (KEY, 9001, "0.0.0.0")  # noqa: S104  # it is not used


@pytest.mark.parametrize("name", sorted(GOOD))
def test_f11_an_empty_variable_wins_over_the_file_and_means_the_default(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = getattr(load_settings(), name.lower())
    given = next(value for value, taken in GOOD[name] if taken not in (usual, "production"))
    (folder / ".env").write_text(f"{name}='{given.strip()}'\n")
    before = getattr(load_settings(), name.lower())

    monkeypatch.setenv(name, "")

    assert before != usual
    assert getattr(load_settings(), name.lower()) == usual


@pytest.mark.parametrize("name", SECRETS)
def test_f11_an_empty_secret_wins_over_the_name_of_a_file_too(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = getattr(load_settings(), name)
    (folder / "handed-out").write_text(GOOD[name.upper()][0][0])
    (folder / ".env").write_text(f"{name}_file=handed-out\n")
    before = getattr(load_settings(), name)

    monkeypatch.setenv(name.upper(), "")

    assert before != usual
    assert getattr(load_settings(), name) == usual


def test_the_name_of_that_file_may_stand_in_the_file_of_settings(folder: Path) -> None:
    (folder / "handed-out").write_text(KEY)
    (folder / ".env").write_text("SECRET_KEY_FILE=handed-out\n")

    assert load_settings().secret_key == KEY


@pytest.mark.parametrize("in_file", ["SECRET_KEY=" + OTHER_KEY, "SECRET_KEY_FILE=other"])
def test_a_secret_file_of_the_environment_wins_too(in_file: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "handed-out").write_text(KEY)
    (folder / "other").write_text(OTHER_KEY)
    (folder / ".env").write_text(in_file)
    monkeypatch.setenv("SECRET_KEY_FILE", "handed-out")

    assert load_settings().secret_key == KEY


def test_nothing_can_be_changed_later() -> None:
    settings = load_settings()

    with pytest.raises(ValidationError):
        settings.port = 9000  # type: ignore[misc]  # that is what is refused


def test_settings_that_are_printed_hold_no_secret() -> None:
    addresses = {
        "database_url": "postgresql://ada:hunter2@db.example.com/x",
        "files_url": "s3://ada:hunter2@s3.example.com/photos",
        "mail_url": "smtp://ada:hunter2@example.org",
    }
    settings = load_settings(secret_key=KEY, **addresses)

    printed = repr(settings) + str(settings)

    assert KEY not in printed
    assert "hunter2" not in printed


def test_each_purpose_has_a_key_of_its_own() -> None:
    settings = load_settings(secret_key=KEY)

    assert settings.key("cursor") != settings.key("access-token")
    assert settings.key("cursor") == load_settings(secret_key=KEY).key("cursor")


@pytest.mark.threat(row=46)
@pytest.mark.parametrize(
    ("wanted", "address"),
    [
        ({"public_url": "https://bucketlist.example.com/"}, "https://bucketlist.example.com"),
        ({"host": "::1", "port": 9000}, "http://[::1]:9000"),
    ],
)
def test_people_reach_it_where_public_url_says_or_where_it_listens(wanted: dict[str, object], address: str) -> None:
    assert load_settings(**wanted).base_url == address


@pytest.mark.parametrize(
    ("wanted", "sender"),
    [
        ({"public_url": "https://lists.example.com"}, "bucketlist@lists.example.com"),
        ({}, "bucketlist@localhost"),
        ({"host": "::1"}, "bucketlist@localhost"),
        ({"public_url": "https://lists.example.com", "mail_from": "ada@example.org"}, "ada@example.org"),
    ],
)
def test_mail_comes_from_whom_mail_from_says_or_from_where_people_reach_it(
    wanted: dict[str, object], sender: str
) -> None:
    assert load_settings(**wanted).sender == sender
