"""File storage setting: where the files of an installation are kept, in a folder or in an object store."""

from bucketlist.config.files_url import read_files_url
from bucketlist.config.settings import Settings
from bucketlist.kit.file_storage import FileStorage
from bucketlist.kit.folder_storage import FolderStorage
from bucketlist.kit.object_storage import ObjectStorage


def file_storage_of(settings: Settings) -> FileStorage:
    """Nothing is made or opened before it is needed."""
    if not settings.files_url:
        return FolderStorage(settings.files_dir)
    return ObjectStorage(read_files_url(settings.files_url), settings.files_dir)
