"""Multipart form parser (RFC 7578): streaming uploads, in constant memory, one file and a few short texts.

A file goes into a temporary file as it comes, and is hashed on the way. What is told of it by its sender, its name and
its media type, is passed over: bytes say what they are.
"""

from contextlib import ExitStack
from typing import IO, Any

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from bucketlist.kit.errors import BadRequest, ContentTooLarge, Invalid
from bucketlist.kit.file_storage import files
from bucketlist.kit.uploads import UploadedFile

FORM = "multipart/form-data"
CHUNK_BYTES = 64 * 1024
MOST_BUFFERED = 4 * CHUNK_BYTES  # of a part’s head, or of what may be a boundary
MOST_TEXT_BYTES = 64 * 1024
MOST_PARTS = 20
LONGEST_BOUNDARY = 70
BROKEN = "The body is not a form of the type multipart/form-data, or it was cut off."


class FormReader:
    """Reads the parts of a form: the files among them are those that are named so."""

    def __init__(self, boundary: str, file_names: frozenset[str], opened: ExitStack) -> None:
        """Temporary files are closed with `opened`. Raises: `BadRequest`."""
        if not 0 < len(boundary) <= LONGEST_BOUNDARY or not boundary.isascii():
            raise BadRequest(BROKEN)
        self._decoder = MultipartDecoder(boundary.encode(), MOST_BUFFERED, max_parts=MOST_PARTS)
        self._file_names, self._opened = file_names, opened
        self._parts: dict[str, UploadedFile | bytearray] = {}
        self._current: UploadedFile | bytearray = bytearray()
        self._text_bytes = 0

    def read(self, stream: IO[bytes]) -> dict[str, Any]:
        """The parts by name. Raises: `BadRequest`, `ContentTooLarge`, `Invalid` for a part that comes twice."""
        while chunk := stream.read(CHUNK_BYTES):
            self._decode(chunk)
        self._decode(None)
        try:
            return {name: part.decode() if isinstance(part, bytearray) else part for name, part in self._parts.items()}
        except UnicodeDecodeError:
            raise BadRequest(BROKEN) from None

    def _decode(self, chunk: bytes | None) -> None:
        try:
            self._decoder.receive_data(chunk)
            while not isinstance(event := self._decoder.next_event(), NeedData | Epilogue):
                if isinstance(event, Field | File):
                    self._begin(event.name)
                elif isinstance(event, Data):
                    self._take(event.data)
        except (ValueError, RequestEntityTooLarge):  # the latter for a head that is far too long, and many parts
            raise BadRequest(BROKEN) from None

    def _begin(self, name: str | None) -> None:
        if name is None:
            raise BadRequest(BROKEN)
        if name in self._parts:
            detail = "This part may be given once."
            raise Invalid(errors=[{"pointer": f"/{name}", "code": "repeated", "detail": detail}])
        is_file = name in self._file_names
        self._current = UploadedFile(self._opened.enter_context(files().temporary())) if is_file else bytearray()
        self._parts[name] = self._current

    def _take(self, data: bytes) -> None:
        if isinstance(self._current, UploadedFile):
            self._current.write(data)
            return
        self._text_bytes += len(data)
        if self._text_bytes > MOST_TEXT_BYTES:
            raise ContentTooLarge
        self._current += data
