"""Secret key: development makes one of its own, beside the database."""

import os
from pathlib import Path

import pytest

from bucketlist.config import SettingsError, kept_secret, load_settings
from tests.concurrency import together


@pytest.mark.threat(row=14)
def test_the_first_start_makes_a_secret_that_only_its_owner_can_read(tmp_path: Path) -> None:
    settings = load_settings(app_setting="development", data_dir=tmp_path / "data")

    path = settings.sqlite_path.with_name("secret.key")
    assert path.read_text() == settings.secret_key
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(settings.secret_key)) == 32


def test_the_next_start_has_the_same_secret(tmp_path: Path) -> None:
    first = load_settings(app_setting="development", data_dir=tmp_path)

    second = load_settings(app_setting="development", data_dir=tmp_path)

    assert first.secret_key == second.secret_key


def test_two_places_have_two_secrets(tmp_path: Path) -> None:
    assert kept_secret(tmp_path / "here") != kept_secret(tmp_path / "there")


def test_all_that_start_at_the_same_moment_have_one_secret(tmp_path: Path) -> None:
    secrets = together(16, lambda _: kept_secret(tmp_path / "data"))

    assert len(set(secrets)) == 1
    assert len(secrets[0]) == 64


def test_a_file_that_was_left_empty_gets_a_secret(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch(mode=0o600)

    assert len(kept_secret(tmp_path)) == 64


def test_r13_a_secret_is_brought_to_the_disk_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(str(Path(f"/proc/self/fd/{file}").readlink())))

    kept_secret(tmp_path / "data")

    assert synced[-2:] == [str(tmp_path / "data" / "secret.key"), str(tmp_path / "data")]


def test_r13_a_secret_that_is_damaged_is_told_and_kept(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"\xff\x00")

    with pytest.raises(SettingsError, match=r"secret\.key is damaged"):
        load_settings(data_dir=tmp_path)

    assert (tmp_path / "secret.key").read_bytes() == b"\xff\x00"


def test_no_file_is_made_for_somebody_who_brings_a_secret(tmp_path: Path) -> None:
    load_settings(app_setting="development", data_dir=tmp_path, secret_key="mine")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("written", ["~/lists", "  ~/lists "], ids=["home", "blanks"])
def test_f13_the_secret_lies_beside_the_database_however_the_folder_is_written(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    settings = load_settings(app_setting="development", data_dir=written)

    assert settings.sqlite_path.with_name("secret.key").read_text() == settings.secret_key
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_f13_a_folder_that_is_refused_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SettingsError, match="DATA_DIR: begins with the home of somebody"):
        load_settings(app_setting="development", data_dir="~nobody-by-this-name/lists")

    assert not list(tmp_path.iterdir())
