"""An environment without settings."""

from pathlib import Path

import pytest

from bucketlist.config import SECRETS, Settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to start in, and no settings."""
    for name in [*Settings.model_fields, *(f"{name}_file" for name in SECRETS), "registration_open"]:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path
