"""Uploads: a file that came in a form, as a schema and a service have it."""

import hashlib
from typing import IO, Annotated

from pydantic import InstanceOf, PlainSerializer, WithJsonSchema

from bucketlist.kit.errors import Unavailable


class UploadedFile:
    """What came as a file: its bytes in a file without a name, how many there are, and their SHA-256."""

    def __init__(self, content: IO[bytes], name: str = "") -> None:
        """`name` is what its sender calls it, to tell it by and for nothing else."""
        self.content = content
        self.name = name
        self.size = 0
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Raises: `Unavailable` when there is no room for it."""
        try:
            self.content.write(data)
        except OSError as error:
            raise Unavailable("Files cannot be kept right now.", reason=error.strerror) from None
        self._hash.update(data)
        self.size += len(data)


Upload = Annotated[  # of a schema; what is written of it, as for the hash of a request, is its hash
    InstanceOf[UploadedFile],
    PlainSerializer(lambda file: file.sha256, return_type=str),
    WithJsonSchema({"type": "string", "format": "binary"}),
]
