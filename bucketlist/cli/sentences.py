"""Error messages of commands: the one sentence that tells what went wrong outside of us."""

from pydantic import ValidationError

from bucketlist.backup.archive import BackupError
from bucketlist.config import SettingsError
from bucketlist.kit.errors import Refusal
from bucketlist.kit.smtp import NotSent
from bucketlist.migrations.runner import MigrationError
from bucketlist.server.granian import CannotListen


def sentence_of(error: Exception) -> str | None:
    """None when it is a mistake of ours, whose traceback is worth more."""
    if isinstance(error, SettingsError | MigrationError | BackupError | CannotListen):
        return str(error)
    if isinstance(error, NotSent):
        return f"The letter was not sent: {str(error).rstrip('.')}."
    if isinstance(error, Refusal):
        return " ".join(item["detail"] for item in error.errors) or error.detail
    if isinstance(error, ValidationError):
        return " ".join(item["msg"] for item in error.errors())
    return None
