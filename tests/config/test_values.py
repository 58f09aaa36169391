"""F11: settings validation: each is taken in its usual spelling, or refused in one sentence that names it."""

import re
from pathlib import Path
from typing import Any

import pytest

from bucketlist.config import SECRETS, Settings, SettingsError, load_settings
from tests.config.database_urls import WHY
from tests.config.values import BAD, GOOD, KEY

SENTENCE = re.compile(r"[^\n]*[^.\n]\.")


@pytest.fixture(autouse=True)
def in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but what production cannot do without."""
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setenv("APP_SETTING", "production")


def flat(table: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("name", "case"), [(name, case) for name, cases in table.items() for case in cases])


def test_f11_every_setting_is_in_both_tables() -> None:
    names = [name.upper() for name in Settings.model_fields]

    assert (sorted(GOOD), sorted(BAD)) == (sorted(names), sorted(names))


@flat(GOOD)
def test_f11_a_good_value_is_taken_in_its_usual_spelling(
    name: str, case: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given, taken = case
    monkeypatch.setenv("APP_SETTING", "testing")
    monkeypatch.setenv(name, given)

    found = getattr(load_settings(), name.lower())

    assert (found, type(found)) == (taken, type(taken) if not isinstance(taken, Path) else type(found))


@flat(BAD)
def test_f11_a_bad_value_is_refused_in_one_sentence_that_does_not_repeat_it(
    name: str, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, case)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    told = str(refused.value)
    assert told.startswith(name)
    assert SENTENCE.fullmatch(told)
    assert "hunter2" not in told


@pytest.mark.parametrize("url", WHY)
def test_f11_what_is_wrong_with_a_database_url_is_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert WHY[url] in str(refused.value)


@pytest.mark.parametrize(("name", "wrong"), [(name.upper(), BAD[name.upper()][0]) for name in SECRETS])
def test_f11_a_bad_value_in_a_file_is_refused_like_one_that_is_given(
    name: str, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "handed-out").write_text(f"{wrong}\n")
    monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(f"{name}_FILE", "handed-out")

    with pytest.raises(SettingsError, match=rf"^{name}[^\n]*\.\Z") as refused:
        load_settings()

    assert "hunter2" not in str(refused.value)
