"""F28: REGISTRATION says who may sign up; its older name is heeded, so that an upgrade opens nobody's door."""

from pathlib import Path

import pytest

from bucketlist.config import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder and no settings."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("APP_SETTING", "testing")
    monkeypatch.chdir(tmp_path)


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


def test_f28_without_a_word_anybody_may_sign_up() -> None:
    assert load_settings().registration == "open"
