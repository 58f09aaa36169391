"""Image derivation: a picture as a preview and a thumbnail (JPEG, sRGB, upright, without metadata), and what it is.

It is run as a script, by `images/reader.py`: hostile bytes are decoded by libraries in C, so this process has bounds of
memory, time and output, no secret in its environment and nothing of the application imported. It reads the picture from
its standard input, and writes to its standard output a line of JSON and the two copies.
"""

import contextlib
import json
import os
import resource
import sys
import warnings
from datetime import datetime
from io import BytesIO
from typing import IO, Any

from pi_heif.as_plugin import register_heif_opener
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

FORMATS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "AVIF": "image/avif"}
FORMATS |= {"HEIF": "image/heic"}
MOST_PIXELS = 64_000_000
MOST_SIDE = 65_535  # of a picture; a JPEG has no longer one
PREVIEW_SIDE = 1600
THUMBNAIL_SIDE = 320
MOST_MEMORY_BYTES = (
    1536 * 1024 * 1024
)  # of addresses: 64 megapixels as they are decoded, and once more as Pillow has them
MOST_CPU_SECONDS = 30
MOST_OUTPUT_BYTES = 16 * 1024 * 1024
SIDEWAYS = (5, 6, 7, 8)  # orientations whose width is the height of what is stored
TAKEN = (ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTimeDigitized)
SRGB = ImageCms.createProfile("sRGB")

Image.MAX_IMAGE_PIXELS = None  # it is looked at here, before anything is decoded
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


class Refused(Exception):
    """The picture cannot be taken; the message is the code of why."""


def limit_this_process() -> None:
    """Resource limits, which hold for whatever happens from here on. The first to go when memory is short is this."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MOST_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(5)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:  # noqa: PTH123  # nothing more is imported
        score.write("1000")


def derive(file: IO[bytes]) -> tuple[dict[str, Any], bytes, bytes]:
    """What a picture is, its preview and its thumbnail. Raises: `Refused`."""
    try:
        return _derive(_open(file))
    except MemoryError:
        raise Refused("photo_too_large") from None
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError, TypeError, IndexError, KeyError) as error:
        raise Refused("photo_damaged") from error  # what decoders raise for bytes that are not as they should be


def _open(file: IO[bytes]) -> Image.Image:
    try:
        image = Image.open(file, formats=[name for name in FORMATS if name != "MPO"])
    except UnidentifiedImageError:
        raise Refused("photo_format") from None
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
        raise Refused("photo_too_large")
    return image


def _derive(image: Image.Image) -> tuple[dict[str, Any], bytes, bytes]:
    exif = image.getexif()
    width, height = image.size
    if exif.get(ExifTags.Base.Orientation) in SIDEWAYS:
        width, height = height, width
    told = {"media_type": FORMATS[str(image.format)], "width": width, "height": height, "taken_at": _taken_at(exif)}
    preview = _reduce(image)
    thumbnail = preview.copy()
    thumbnail.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return told, _as_jpeg(preview, 82), _as_jpeg(thumbnail, 75)


def _reduce(image: Image.Image) -> Image.Image:
    """Small before anything else is done with it; of several pictures it is the first."""
    profile, transparency = image.info.get("icc_profile"), "transparency" in image.info
    image.draft(None, (PREVIEW_SIDE, PREVIEW_SIDE))  # a JPEG is decoded in an eighth of its size, or a quarter
    image.load()
    image = ImageOps.exif_transpose(_in_eight_bits(image, is_transparent=transparency))
    image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return _on_white(_in_srgb(image, profile))


def _in_eight_bits(image: Image.Image, *, is_transparent: bool) -> Image.Image:
    """In a mode that can be made smaller smoothly."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode in ("P", "PA") or is_transparent:
        return image.convert("RGBA")
    return image.convert("L") if image.mode == "1" else image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as they are meant, once the profile that tells so is gone; one that cannot be read is passed over."""
    with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
            wanted = "RGBA" if image.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(image, BytesIO(profile), SRGB, outputMode=wanted)
            image = converted or image
    return image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "RGBa", "La"):
        image = image.convert("RGBA")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        return paper
    return image.convert("RGB")


def _as_jpeg(image: Image.Image, quality: int) -> bytes:
    image.info.clear()  # Pillow would write the comment of a JPEG again
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _taken_at(exif: Image.Exif) -> str | None:
    """The local date and time of the picture, of its camera's clock; None when there is none that can be."""
    found = exif.get_ifd(ExifTags.IFD.Exif)
    for tag in TAKEN:
        with contextlib.suppress(ValueError):
            return datetime.strptime(str(found.get(tag)).strip("\0 "), "%Y:%m:%d %H:%M:%S").isoformat()  # noqa: DTZ007  # local
    return None


def main() -> None:
    limit_this_process()
    warnings.simplefilter("ignore")  # of what is odd in a file
    preview = thumbnail = b""
    try:
        told, preview, thumbnail = derive(sys.stdin.buffer)
    except Refused as refused:
        told = {"refused": str(refused)}
    told |= {"preview_bytes": len(preview)}
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + preview + thumbnail)


if __name__ == "__main__":
    main()
