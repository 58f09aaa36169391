"""Settings from files: a secret is one line, and `.env` means what it says (R13)."""

from pathlib import Path

import pytest

from bucketlist.config import SECRETS, SettingsError, load_settings

GOOD = {
    "secret_key": "f1e2d3c4b5a697887766554433221100ffeeddccbbaa9988",
    "database_url": "postgresql://ada:hunter2@db.example.com/bucketlist",
    "files_url": "s3://ada:hunter2@s3.example.com/photos",
    "mail_url": "smtps://ada:hunter2@mail.example.com",
    "metrics_token": "a-token-for-prometheus-of-32-characters",
}
BAD = {
    "empty": b"",
    "blank": b" \n\t\n",
    "only a byte order mark": b"\xef\xbb\xbf",
    "two lines": b"hunter2\nhunter3\n",
    "a NUL": b"hunter2\x00\n",
    "not text": b"\xff\xfehunter2",
    "huge": b"hunter2" * 10_000,
}
every_secret = pytest.mark.parametrize("name", SECRETS)


def refusal() -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value)


@every_secret
@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
@pytest.mark.parametrize("is_in_dotenv", [False, True], ids=["environment", ".env"])
def test_r13_a_file_that_holds_no_secret_is_refused_and_not_shown(
    name: str, content: bytes, is_in_dotenv: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "handed-out").write_bytes(content)
    if is_in_dotenv:
        (folder / ".env").write_text(f"{name.upper()}_FILE=handed-out\n")
    else:
        monkeypatch.setenv(f"{name.upper()}_FILE", "handed-out")

    told = refusal()

    assert told.startswith(f"{name.upper()}_FILE: the file ")
    assert "hunter" not in told


@every_secret
@pytest.mark.parametrize("path", ["missing", "folder", "file/below", "n" * 300])
def test_r13_a_file_that_cannot_be_read_is_refused(
    name: str, path: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "folder").mkdir()
    (folder / "file").touch()
    monkeypatch.setenv(f"{name.upper()}_FILE", path)

    assert refusal().startswith(f"{name.upper()}_FILE: {path} cannot be used: ")


@every_secret
@pytest.mark.parametrize("written", ["{}", "{}\n", "{}\r\n", "  {}  \n\n", "\ufeff{}\n"])
def test_r13_one_line_is_the_secret_whatever_editors_add(
    name: str, written: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "handed-out").write_text(written.format(GOOD[name]))
    monkeypatch.setenv(f"{name.upper()}_FILE", "handed-out")

    assert getattr(load_settings(mail_from="ada@example.org"), name) == GOOD[name]


@pytest.mark.parametrize("password", ["a$HOMEb", "a${HOME}b", "$$", "${UNSET}", "${UNSET:-default}", "100%s"])
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_r13_a_value_in_dotenv_is_what_stands_there(password: str, quote: str, folder: Path) -> None:
    (folder / ".env").write_text(f"HOME_OF_ALL=x\nSECRET_KEY={quote}{password}-and-much-more{quote}\n")

    assert load_settings().secret_key == f"{password}-and-much-more"


def test_r13_the_configuration_itself_is_not_put_together_either(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANTED", "production")
    (folder / ".env").write_text("APP_SETTING=${WANTED}\n")

    assert refusal().startswith("APP_SETTING: ")


def test_r13_a_nul_in_dotenv_is_told(folder: Path) -> None:
    (folder / ".env").write_bytes(b"DATA_DIR=da\x00ta\n")

    assert "NUL" in refusal()
