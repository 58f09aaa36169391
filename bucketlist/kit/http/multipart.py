"""Multipart form parser (RFC 7578): streaming uploads, in constant memory, one file and a few short texts.

A file goes into a temporary file as it comes, and is hashed on the way. Of what its sender tells of it, the name is
kept, by which a page tells of it; bytes say what they are. A page takes several files, and several texts of one name.
"""

from contextlib import ExitStack
from typing import IO, Any, NamedTuple

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from bucketlist.kit.errors import BadRequest, ContentTooLarge, Invalid
from bucketlist.kit.file_storage import files
from bucketlist.kit.uploads import UploadedFile

FORM = "multipart/form-data"
CHUNK_BYTES = 64 * 1024
MOST_BUFFERED = 4 * CHUNK_BYTES  # of a part’s head, or of what may be a boundary
LONGEST_BOUNDARY = 70
BROKEN = "The body is not a form of the type multipart/form-data, or it was cut off."


LONGEST_NAME = 255  # characters of the name of a file, that are kept


class FormLimits(NamedTuple):
    """How many parts a form has at most, and how many bytes their texts; may a name come several times?"""

    parts: int = 20
    text_bytes: int = 64 * 1024
    is_multiple: bool = False


ONE_OF_EACH = FormLimits()


class SentForm(NamedTuple):
    """What a form of a page held: its texts, and its files by the order in which they were chosen."""

    fields: MultiDict[str, str]
    files: list[UploadedFile]


class FormReader:
    """Reads the parts of a form: the files among them are those that are named so."""

    def __init__(
        self, boundary: str, file_names: frozenset[str], opened: ExitStack, limits: FormLimits = ONE_OF_EACH
    ) -> None:
        """Temporary files are closed with `opened`. Raises: `BadRequest`."""
        if not 0 < len(boundary) <= LONGEST_BOUNDARY or not boundary.isascii():
            raise BadRequest(BROKEN)
        self._decoder = MultipartDecoder(boundary.encode(), MOST_BUFFERED, max_parts=limits.parts)
        self._file_names, self._opened, self._limits = file_names, opened, limits
        self._parts: list[tuple[str, UploadedFile | bytearray]] = []
        self._current: UploadedFile | bytearray = bytearray()
        self._text_bytes = 0

    def read(self, stream: IO[bytes]) -> dict[str, Any]:
        """The parts by name. Raises: `BadRequest`, `ContentTooLarge`, `Invalid` for a part that comes twice."""
        return dict(self._read_pairs(stream))

    def read_sent(self, stream: IO[bytes]) -> SentForm:
        """What a page sent; a file that was not chosen is an empty one without a name, and is left out.

        Raises: `BadRequest`, `ContentTooLarge`.
        """
        pairs = self._read_pairs(stream)
        fields = MultiDict((name, part) for name, part in pairs if isinstance(part, str))
        files = [part for _, part in pairs if isinstance(part, UploadedFile)]
        return SentForm(fields, [file for file in files if file.size or file.name])

    def _read_pairs(self, stream: IO[bytes]) -> list[tuple[str, UploadedFile | str]]:
        while chunk := stream.read(CHUNK_BYTES):
            self._decode(chunk)
        self._decode(None)
        try:
            return [(name, part.decode() if isinstance(part, bytearray) else part) for name, part in self._parts]
        except UnicodeDecodeError:
            raise BadRequest(BROKEN) from None

    def _decode(self, chunk: bytes | None) -> None:
        try:
            self._decoder.receive_data(chunk)
            while not isinstance(event := self._decoder.next_event(), NeedData | Epilogue):
                if isinstance(event, Field | File):
                    self._begin(event.name, event.filename if isinstance(event, File) else "")
                elif isinstance(event, Data):
                    self._take(event.data)
        except (ValueError, RequestEntityTooLarge):  # the latter for a head that is far too long, and many parts
            raise BadRequest(BROKEN) from None

    def _begin(self, name: str | None, file_name: str | None) -> None:
        if name is None:
            raise BadRequest(BROKEN)
        if not self._limits.is_multiple and name in dict(self._parts):
            detail = "This part may be given once."
            raise Invalid(errors=[{"pointer": f"/{name}", "code": "repeated", "detail": detail}])
        self._current = self._open(file_name or "") if name in self._file_names else bytearray()
        self._parts.append((name, self._current))

    def _open(self, file_name: str) -> UploadedFile:
        return UploadedFile(self._opened.enter_context(files().temporary()), file_name[:LONGEST_NAME])

    def _take(self, data: bytes) -> None:
        if isinstance(self._current, UploadedFile):
            self._current.write(data)
            return
        self._text_bytes += len(data)
        if self._text_bytes > self._limits.text_bytes:
            raise ContentTooLarge
        self._current += data
