"""Settings names: those that exist, and those that somebody misspelt, who would otherwise wonder for long."""

from collections.abc import Iterable
from difflib import get_close_matches

from bucketlist.config.settings import Settings
from bucketlist.config.sources import SECRETS, DotEnv, SettingsError

LIKENESS = 0.85  # PUBLIC_ULR is as like to PUBLIC_URL as 0.9
KNOWN = [*(name.upper() for name in Settings.model_fields), *(f"{name}_FILE".upper() for name in SECRETS)]


def likely(name: str) -> str | None:
    """The setting that is meant by a name which is none; None when it is one, or not like any."""
    name = name.upper()
    if name in KNOWN:
        return None
    found = get_close_matches(name, KNOWN, n=1, cutoff=LIKENESS)
    return found[0] if found else None


def names_in_file() -> list[str]:
    """Every name in the file `.env`, in capitals."""
    return [name.upper() for name in DotEnv(Settings).env_vars]


def refuse_misspelt(names: Iterable[str]) -> None:
    """Raises: `SettingsError` for a name in the file `.env` that is almost one of a setting."""
    for name in names:
        if meant := likely(name):
            raise SettingsError(f"{name} in the file .env is not a setting; {meant} is one.")


def unknown(names: Iterable[str]) -> list[str]:
    """Those that are no settings."""
    return sorted(set(names) - set(KNOWN))


def misspelt(names: Iterable[str]) -> list[str]:
    """Those that are almost a setting."""
    return sorted(name for name in names if likely(name))
