"""File storage in an object store that speaks the API of S3.

What an object store has answered to is there for good. What was begun and never put, parts of a large file, no listing
shows: a lifecycle rule of the store takes it away.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from obstore.store import S3Store

from bucketlist.kit.file_storage import FileStorage, Store

CONNECT_SECONDS, ANSWER_SECONDS = 5, 60
TRIES = 2
LONGEST_REASON = 500  # characters, of an answer that can be a page


class ObjectStore(NamedTuple):
    """Where files are, and who may put them there."""

    endpoint: str  # http://… or https://…
    name: str
    prefix: str
    region: str
    key_id: str
    secret: str

    def __repr__(self) -> str:
        return "ObjectStore(…)"  # the secret is nobody's business


class ObjectStorage(FileStorage):
    """Files in an object store; `folder` holds what is on its way there."""

    part_bytes = 5 * 1024 * 1024  # the least that S3 takes

    def __init__(self, place: ObjectStore, folder: Path) -> None:
        super().__init__(folder)
        self._place = place

    def _open(self) -> Store:
        place = self._place
        return S3Store(
            place.name,
            prefix=place.prefix or None,
            endpoint=place.endpoint,
            region=place.region,
            access_key_id=place.key_id,
            secret_access_key=place.secret,
            client_options={
                "allow_http": place.endpoint.startswith("http:"),
                "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                "timeout": timedelta(seconds=ANSWER_SECONDS),
            },
            retry_config={"max_retries": TRIES - 1, "retry_timeout": timedelta(seconds=ANSWER_SECONDS)},
        )

    def _settle(self, path: str) -> None:
        """It is there for good since the store has said so."""

    def _tidy(self, path: str) -> None:
        """There are no folders."""

    def _forget_begun(self, until: datetime) -> None:
        """A lifecycle rule of the store does it."""

    def _reason(self, error: Exception) -> str:
        """The library tells what the store answered, which may repeat who asked."""
        told = super()._reason(error).partition("\n\nDebug source")[0]
        for secret in (self._place.secret, self._place.key_id):
            told = told.replace(secret, "…")
        return told[:LONGEST_REASON]
