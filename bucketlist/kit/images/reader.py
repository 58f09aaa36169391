"""Image reader: what a stranger's picture is, and its small copies, made by a child process (`images/derive.py`).

Whatever the bytes do to the decoders, this process sees no more than an answer or none: the child has bounds of memory,
CPU time and output of its own, an empty environment, and is killed when it takes too long. One is at work at a time in
a worker, so that many large pictures do not take the memory of the machine; what it answers is believed no more than
what a stranger sends.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Semaphore
from typing import IO, Annotated, Literal, NamedTuple, get_args

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bucketlist.kit.errors import Unavailable

AT_ONCE = 1  # of a worker
WAIT_SECONDS = 30.0
MOST_SECONDS = 60.0
MOST_COPY_BYTES = 8 * 1024 * 1024
SCRIPT = Path(__file__).with_name("derive.py")
MediaType = Literal["image/jpeg", "image/png", "image/webp", "image/avif", "image/heic"]
MEDIA_TYPES: tuple[MediaType, ...] = get_args(MediaType)
Reason = Literal["photo_format", "photo_damaged", "photo_too_large"]
Side = Annotated[int, Field(ge=1, le=65_535)]

log = structlog.get_logger()
_turn = Semaphore(AT_ONCE)


class PictureRefused(Exception):
    """These bytes are no picture that can be taken; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Picture(NamedTuple):
    """What a picture is, upright, and its copies, two JPEGs. `taken_at` is local time: `2026-07-14T18:03:11`."""

    media_type: str
    width: int
    height: int
    taken_at: str | None
    preview: bytes
    thumbnail: bytes


class _Told(BaseModel):
    """The line with which the child answers."""

    model_config = ConfigDict(extra="forbid", strict=True)

    refused: Reason | None = None
    media_type: MediaType = "image/jpeg"
    width: Side = 1
    height: Side = 1
    taken_at: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")] | None = None
    preview_bytes: int = Field(ge=0, le=MOST_COPY_BYTES)


def read_picture(file: IO[bytes]) -> Picture:
    """The picture that `file`, a real one, holds. Raises: `PictureRefused`, `Unavailable`."""
    if not _turn.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("Many pictures are being read at the moment; try again shortly.", retry_after_seconds=5)
    try:
        with tempfile.TemporaryFile() as answer:
            if not _derive(file, answer):
                raise PictureRefused("photo_damaged")
            return _read_answer(answer)
    except OSError as error:
        raise Unavailable(reason=f"A picture could not be read: {error.strerror}") from None
    finally:
        _turn.release()


def _derive(file: IO[bytes], answer: IO[bytes]) -> bool:
    """Did the child come to an end by itself? Raises: `OSError`, `Unavailable`."""
    file.flush()
    file.seek(0)
    try:
        done = subprocess.run(  # noqa: S603  # a script of ours, and this Python
            [sys.executable, "-I", str(SCRIPT)],
            stdin=file,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            check=False,
            timeout=MOST_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable("The picture could not be read in time; try again later.", retry_after_seconds=60) from None
    if done.returncode:
        log.warning("picture_reader_died", code=done.returncode)
    return done.returncode == 0


def _read_answer(answer: IO[bytes]) -> Picture:
    """Raises: `PictureRefused`, also when it is not an answer."""
    answer.seek(0)
    try:
        told = _Told.model_validate_json(answer.readline(4096))
    except ValidationError:
        raise PictureRefused("photo_damaged") from None
    if told.refused:
        raise PictureRefused(told.refused)
    preview, thumbnail = answer.read(told.preview_bytes), answer.read(MOST_COPY_BYTES)
    if not (preview.startswith(b"\xff\xd8") and thumbnail.startswith(b"\xff\xd8")):
        raise PictureRefused("photo_damaged")
    return Picture(told.media_type, told.width, told.height, told.taken_at, preview, thumbnail)
