"""F28: diagnostics: `bucketlist doctor` tells what is odd, and what to do about it, before people notice."""

import os
import re
from pathlib import Path

import pytest
import time_machine

from bucketlist.config import Settings
from bucketlist.migrations import runner
from bucketlist.ops.doctor.database import check_limits
from tests.cli.conftest import Command
from tests.commands import invoke
from tests.mailbox import mail_server
from tests.people import Person
from tests.raw_database import set_revision, settings_of
from tests.servers import SECRET

LINE = re.compile(r"(ok|warning|problem) +(\w+): ([A-Z\w/].*\.)")


@pytest.fixture
def doctor(world: dict[str, str], tmp_path: Path) -> Command:
    """What `bucketlist doctor` tells that is not fine, and whether it ends with 1 exactly when there is a problem."""

    def ask(*arguments: str, **more: str) -> str:
        result = invoke(tmp_path, "doctor", *arguments, **{**world, **more})
        assert result.stderr.startswith("Database: ")
        lines = [LINE.fullmatch(line) for line in result.stdout.splitlines()[:-1]]
        assert None not in lines, result.output
        assert result.exit_code == int(any(line and line[1] == "problem" for line in lines))
        return "\n".join(line[0] for line in lines if line and line[1] != "ok")

    return ask


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"RATELIMIT_ENABLED": "false"}, "problem  settings: RATELIMIT_ENABLED is off"),
        ({"HOST": "0.0.0.0"}, "problem  settings: HOST listens to everybody"),  # noqa: S104  # that is what is wrong
        ({"PUBLIC_URL": "http://nowhere.invalid"}, "problem  settings: PUBLIC_URL begins with http://"),
        ({"PUBLIC_URL": "https://nowhere.invalid"}, "warning  settings: PUBLIC_URL is https, so a proxy is in front"),
        ({"APP_SETTING": "production", "SECRET_KEY": SECRET}, "warning  settings: PUBLIC_URL is empty"),
        (
            {"REGISTRATION_OPEN": "false"},
            "warning  settings: REGISTRATION_OPEN is an older name; write REGISTRATION=closed",
        ),
        ({}, "warning  mail: MAIL_URL is empty"),
        ({"MAIL_URL": "smtp://mail.invalid"}, "warning  mail: MAIL_URL asks for no TLS"),
        ({}, "warning  backups: BACKUP_DIR is empty"),
        ({"BACKUP_DIR": "nowhere"}, "problem  backups: BACKUP_DIR: nowhere is not there; make that folder first."),
        ({"BACKUP_DIR": os.devnull}, f"problem  backups: BACKUP_DIR: {os.devnull} is no folder."),
    ],
)
def test_f28_a_setting_that_is_odd_is_told(doctor: Command, more: dict[str, str], told: str) -> None:
    assert told in doctor(**{"PUBLIC_URL": "http://127.0.0.1:1", **more} if "APP_SETTING" not in more else more)


def test_f28_what_cannot_be_meant_ends_it_with_a_sentence(refused: Command) -> None:
    assert refused("doctor", PORT="http") == "PORT: must be a whole number, written with the digits 0 to 9 only."


def test_f28_a_name_that_is_no_setting_is_told(
    doctor: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("COLOUR=green\n")
    monkeypatch.setenv("MAIL_FORM", "x")

    told = doctor()

    assert "COLOUR in the file .env is no setting" in told
    assert "MAIL_FORM is no setting; MAIL_FROM is one" in told


def test_f28_a_file_that_others_can_read_is_told_and_left(doctor: Command, settings: Settings, tmp_path: Path) -> None:
    if settings.database_url:
        pytest.skip("the file is SQLite's")
    settings.sqlite_path.chmod(0o640)
    (tmp_path / "key").write_text(settings.secret_key)
    (tmp_path / "key").chmod(0o644)

    told = doctor(SECRET_KEY_FILE=str(tmp_path / "key"))

    assert f"problem  rights: {settings.sqlite_path} can be used by others than its owner; chmod 600." in told
    assert f"problem  rights: {tmp_path / 'key'} holds a secret and can be used by others" in told
    assert settings.sqlite_path.stat().st_mode & 0o777 == 0o640
    settings.sqlite_path.chmod(0o600)


def test_f28_a_folder_that_others_can_write_is_told(doctor: Command, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d").chmod(0o777)

    assert f"problem  rights: {tmp_path / 'd'} can be written by others" in doctor(DATA_DIR=str(tmp_path / "d"))


def test_f28_an_older_schema_is_told(empty_database: dict[str, str], doctor: Command, tmp_path: Path) -> None:
    invoke(tmp_path, "db", "upgrade", **empty_database)
    set_revision(settings_of(empty_database), "0007")

    assert f"revision 0007, this version’s is {runner.head()}; run “bucketlist db upgrade”." in doctor(**empty_database)


def test_f28_a_database_that_is_away_is_told_without_its_password(doctor: Command) -> None:
    told = doctor(DATABASE_URL="postgresql://ada:hunter2@127.0.0.1:1/lists")

    assert "problem  database: The database cannot be used: " in told
    assert "hunter2" not in told


def test_f28_servers_that_are_silent_are_told_one_by_one(doctor: Command) -> None:
    told = doctor(DATABASE_URL="postgresql://ada:hunter2@127.0.0.1:1,127.0.0.1:2/lists")

    assert "warning  servers: 127.0.0.1:2 does not answer: Connection refused." in told
    assert "problem  servers: None takes writes; promote a standby." in told


def test_f28_a_damaged_file_is_told(doctor: Command, tmp_path: Path) -> None:
    invoke(tmp_path, "db", "upgrade", DATA_DIR=str(tmp_path / "d"))
    path = tmp_path / "d" / "bucketlist.sqlite"
    data = bytearray(path.read_bytes())
    data[-4096 * 6 : -4096 * 4] = b"\xff" * 8192
    path.write_bytes(data)

    assert "problem  database: " in doctor(DATA_DIR=str(tmp_path / "d"), DATABASE_URL="")


@pytest.mark.usefixtures("ada")
def test_f28_a_clock_that_is_wrong_is_told(doctor: Command) -> None:
    before = doctor()

    with time_machine.travel("2026-01-01T00:00:00Z", tick=True):
        assert "problem  clock: " in doctor()
    assert "clock" not in before


def test_f28_statements_without_a_limit_and_weak_durability_are_told() -> None:
    found = list(check_limits("0", ["off", "on", "off"]))

    assert [finding.level for finding in found] == ["problem", "warning", "warning"]
    assert "a pooler drops it" in found[0].told
    assert [finding.level for finding in check_limits("5s", ["on"] * 3)] == ["ok"]


@pytest.mark.usefixtures("ada")
def test_f28_the_age_of_the_newest_backup_is_told(doctor: Command, bucketlist: Command, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    folder = {"BACKUP_DIR": str(tmp_path / "b")}
    none = doctor(**folder)
    bucketlist("backup", **folder)
    fresh = doctor(**folder)
    (backup,) = (tmp_path / "b").glob("*.zip")
    backup.rename(backup.with_name(re.sub(r"\d{8}T\d{6}Z", "20200101T000000Z", backup.name)))

    assert "warning  backups: There is none" in none
    assert "backups" not in fresh
    assert re.search(r"problem  backups: The newest is [\d,]+ hours old", doctor(**folder))


@pytest.mark.usefixtures("ada")
def test_f28_a_backup_that_is_damaged_is_told(doctor: Command, bucketlist: Command, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    bucketlist("backup", BACKUP_DIR=str(tmp_path / "b"))
    (backup,) = (tmp_path / "b").glob("*.zip")
    os.truncate(backup, 1000)

    assert "problem  backups: " in doctor(BACKUP_DIR=str(tmp_path / "b"))


def test_f28_a_test_letter_is_sent(doctor: Command) -> None:
    with mail_server() as mailbox:
        told = doctor("--mail-to", "ada@example.com", MAIL_URL=mailbox.url, PUBLIC_URL="http://127.0.0.1:1")

    ((_, letter),) = mailbox.received
    assert "mail" not in told
    assert letter["Subject"] == "A test letter from bucketlist"


@pytest.mark.parametrize(
    ("email", "more", "told"),
    [
        ("ada@example.com", {}, "MAIL_URL is empty, so that nothing can be sent."),
        ("ada@example.com", {"MAIL_URL": "smtp://127.0.0.1:1"}, "The letter was not sent: "),
        ("nobody", {"MAIL_URL": "smtp://127.0.0.1:1"}, "This is not a valid email address. It has no @."),
    ],
)
def test_f28_a_letter_that_cannot_be_sent_is_a_problem(
    doctor: Command, email: str, more: dict[str, str], told: str
) -> None:
    assert f"problem  mail: {told}" in doctor("--mail-to", email, **more)


def test_f28_looking_changes_nothing(doctor: Command, tmp_path: Path, ada: Person) -> None:
    before = ada.get("/v1/users/me").json

    doctor(DATA_DIR=str(tmp_path / "none"))

    assert not (tmp_path / "none").exists()
    assert ada.get("/v1/users/me").json == before
