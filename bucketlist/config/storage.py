"""File storage setting: where the files of an installation are kept."""

from bucketlist.config.settings import Settings
from bucketlist.kit.file_storage import FileStorage


def file_storage_of(settings: Settings) -> FileStorage:
    """Nothing is made or opened before it is needed."""
    return FileStorage(settings.files_dir)
