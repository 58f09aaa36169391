"""Configuration: settings from the environment or a `.env` file, frozen, checked before anything starts.

`APP_SETTING` chooses between development (the default), testing and production. Production refuses what would be
unsafe; development makes a secret of its own on the first start. A secret can be read from a file: `SECRET_KEY_FILE`.
"""

from bucketlist.config.kinds import KINDS, load_settings
from bucketlist.config.secret import kept_secret
from bucketlist.config.settings import Settings
from bucketlist.config.sources import SECRETS, SettingsError
from bucketlist.kit.context import at_work

__all__ = ["KINDS", "SECRETS", "Settings", "SettingsError", "can_mail", "current", "kept_secret", "load_settings"]


def current() -> Settings:
    """The settings of the application that is at work."""
    found: Settings = at_work.get().settings
    return found


def can_mail() -> bool:
    """Is there mail? Where no application is at work, there could be."""
    return at_work.get(None) is None or bool(current().mail_url)
