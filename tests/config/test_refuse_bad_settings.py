"""Settings validation: production starts with nothing unsafe, and every bad one is told in one sentence."""

from pathlib import Path

import pytest

from tests.commands import refusal, sentence_of
from tests.servers import run_command

GOOD_KEY = "7d1f0c93ab56e28450b7c9e3116fd8a2f4096c5ed3b82a17"

WEAK_KEYS = {
    "none": "",
    "31 bytes": "0d9f8a7b6c5d4e3f2a1b0c9d8e7f6a5",
    "one letter": "k" * 64,
    "two letters": "ab" * 32,
    "a run again and again": "0123456789abcdef" * 4,
    "blanks": " " * 40,
    "change me": "change-me-before-you-go-live-0123456789",
    "your secret key": "Your-Secret-Key-Goes-Right-Here-0123456789",
    "default": "the-default-key-of-this-deployment-0123",
    "password": "PasswordPasswordPassword-0123456789abc",
    "the one of a tutorial": "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
}

BAD_SETTINGS = {
    "debug": ("DEBUG", "true"),
    "no such configuration": ("APP_SETTING", "staging"),
    "a capital too many": ("APP_SETTING", "Production"),
    "a port beyond all": ("PORT", "70000"),
    "a port in words": ("PORT", "http"),
    "no workers": ("WORKERS", "0"),
    "no connections": ("DATABASE_POOL_SIZE", "0"),
    "fewer proxies than none": ("TRUSTED_PROXIES", "-1"),
    "maybe": ("RATELIMIT_ENABLED", "maybe"),
    "an address without a host": ("PUBLIC_URL", "https://"),
    "an address of another kind": ("PUBLIC_URL", "ftp://bucketlist.example.com"),
    "mail by other means": ("MAIL_URL", "https://ada:hunter2@mail.example.com"),
    "mail of an unclear password": ("MAIL_URL", "smtp://ada:hunter2/@mail.example.com"),
    "a sender that is none": ("MAIL_FROM", "hunter2"),
    "every origin": ("CORS_ORIGINS", "*"),
    "an origin of another kind": ("CORS_ORIGINS", "ftp://lists.example.com"),
    "an origin with a path": ("CORS_ORIGINS", "https://lists.example.com, https://lists.example.org/app"),
    "a host with its port": ("TRUSTED_HOSTS", "lists.example.com:8000"),
    "another database": ("DATABASE_URL", "mysql://ada:hunter2@db.example.com/bucketlist"),
    "a database that is a file": ("DATABASE_URL", "sqlite:///bucketlist.sqlite"),
}

UNCLEAR_PASSWORDS = ("hun@ter2", "hun/ter2", "hunter%zz2", "12/hunter2", "hunter2@[", "hun\u2100ter2@x/")


@pytest.mark.threat(row=14)
@pytest.mark.parametrize("key", WEAK_KEYS.values(), ids=WEAK_KEYS)
def test_production_refuses_a_weak_key_without_showing_it(key: str, tmp_path: Path) -> None:
    told = refusal(tmp_path, "prune", APP_SETTING="production", SECRET_KEY=key)

    assert told.startswith("SECRET_KEY ")
    assert not key.strip() or key not in told
    assert list(tmp_path.iterdir()) == []


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


@pytest.mark.parametrize("kind", ["missing", "a folder", "not text"])
def test_production_refuses_a_file_that_holds_no_secret(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    if kind == "a folder":
        path.mkdir()
    if kind == "not text":
        path.write_bytes(b"\xff\xfe" * 32)

    told = refusal(tmp_path, "prune", APP_SETTING="production", SECRET_KEY_FILE=str(path))

    assert str(path) in told or "SECRET_KEY_FILE" in told


def test_a_file_of_settings_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PORT=\xff\n")

    told = refusal(tmp_path, "prune")

    assert ".env" in told


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [{}, {"SECRET_KEY": "k" * 64}, {"SECRET_KEY": GOOD_KEY, "DEBUG": "1"}])
def test_a_server_of_production_does_not_start_with_them(wrong: dict[str, str], tmp_path: Path) -> None:
    settings = {"APP_SETTING": "production", "SECRET_KEY": "", "PORT": "0", **wrong}

    ended = run_command(tmp_path, "serve", **settings)

    told = sentence_of(ended.returncode, ended.stderr)
    assert told.startswith(("SECRET_KEY", "DEBUG"))
    assert ended.stdout == ""
