"""Settings validation: production starts with nothing unsafe, and every bad one is told in one sentence."""

from pathlib import Path

import pytest

from tests.commands import refusal, sentence_of
from tests.servers import run_command

GOOD_KEY = "7d1f0c93ab56e28450b7c9e3116fd8a2f4096c5ed3b82a17"

BAD_SETTINGS = {  # some; `tests/config/values.py` has all
    "no key": ("SECRET_KEY", ""),
    "a weak key": ("SECRET_KEY", "hunter2-" * 8),
    "debug": ("DEBUG", "true"),
    "a port beyond all": ("PORT", "70000"),
    "mail by other means": ("MAIL_URL", "https://ada:hunter2@mail.example.com"),
    "another database": ("DATABASE_URL", "mysql://ada:hunter2@db.example.com/bucketlist"),
}

UNCLEAR_PASSWORDS = ("hun@ter2", "hun/ter2", "hunter%zz2", "12/hunter2", "hunter2@[", "hun\u2100ter2@x/")


@pytest.mark.threat(row=14)
@pytest.mark.parametrize(("name", "value"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_production_refuses_a_bad_setting_and_names_it(name: str, value: str, tmp_path: Path) -> None:
    settings = {"APP_SETTING": "production", "SECRET_KEY": GOOD_KEY, name: value}

    told = refusal(tmp_path, "prune", **settings)

    assert told.startswith(name)
    assert "hunter2" not in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("password", UNCLEAR_PASSWORDS)
def test_a_password_that_breaks_the_address_is_not_shown_in_pieces(password: str, tmp_path: Path) -> None:
    url = f"postgresql://ada:{password}@127.0.0.1:1/bucketlist"

    told = refusal(tmp_path, "db", "current", DATABASE_URL=url)

    assert told.startswith("DATABASE_URL: ")
    assert "hun" not in told
    assert "ter2" not in told


def test_a_missing_key_comes_with_the_way_to_make_one(tmp_path: Path) -> None:
    told = refusal(tmp_path, "prune", APP_SETTING="production")

    assert "python3 -c" in told


def test_a_file_of_settings_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PORT=\xff\n")

    told = refusal(tmp_path, "prune")

    assert ".env" in told


@pytest.mark.slow
def test_a_server_of_production_does_not_start_with_them(tmp_path: Path) -> None:
    settings = {"APP_SETTING": "production", "SECRET_KEY": "k" * 64, "PORT": "0"}

    ended = run_command(tmp_path, "serve", **settings)

    told = sentence_of(ended.returncode, ended.stderr)
    assert told.startswith("SECRET_KEY")
    assert ended.stdout == ""
