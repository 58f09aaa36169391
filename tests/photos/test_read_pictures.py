"""Image reader: every kind of picture, and what is none, is damaged, or was made to do harm."""

import io
import os
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from bucketlist.kit.errors import Unavailable
from bucketlist.kit.images import derive, reader
from bucketlist.kit.images.reader import Picture, PictureRefused, read_picture
from tests.pictures import HEIC, SIZE, encoded, noise, read_image, small_jpeg, with_exif


def read(data: bytes) -> Picture:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        return read_picture(file)


def reason_of(data: bytes) -> str:
    with pytest.raises(PictureRefused) as refused:
        read(data)
    return refused.value.reason


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is of this size, and holds nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


PICTURES: dict[str, tuple[Callable[[], bytes], str]] = {
    "JPEG": (lambda: encoded(noise()), "image/jpeg"),
    "CMYK": (lambda: encoded(noise(mode="CMYK")), "image/jpeg"),
    "PNG": (lambda: encoded(noise(), "PNG"), "image/png"),
    "16 bits": (lambda: encoded(Image.new("I;16", SIZE, 30_000), "PNG"), "image/png"),
    "palette": (lambda: encoded(noise(mode="P"), "PNG"), "image/png"),
    "one bit": (lambda: encoded(noise(mode="1"), "PNG"), "image/png"),
    "transparent": (lambda: encoded(noise(mode="LA"), "PNG"), "image/png"),
    "animated PNG": (lambda: encoded(noise(), "PNG", save_all=True, append_images=[noise()]), "image/png"),
    "WebP": (lambda: encoded(noise(), "WEBP"), "image/webp"),
    "animated WebP": (lambda: encoded(noise(), "WEBP", save_all=True, append_images=[noise()]), "image/webp"),
    "AVIF": (lambda: encoded(noise(), "AVIF"), "image/avif"),
    "polyglot": (lambda: encoded(noise()) + b"<script>alert(1)</script>PK\x03\x04", "image/jpeg"),
}


@pytest.mark.threat(row=35)
@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_of_every_kind_has_copies(kind: str) -> None:
    make, media_type = PICTURES[kind]

    picture = read(make())

    assert picture[:4] == (media_type, *SIZE, None)
    for copy in (picture.preview, picture.thumbnail):
        assert (read_image(copy).size, read_image(copy).mode) == (SIZE, "RGB")
        assert b"script" not in copy


def test_a_heic_is_read_with_its_moment() -> None:
    picture = read(HEIC)

    assert picture[:4] == ("image/heic", 64, 48, "2026-07-14T18:03:11")
    assert read_image(picture.preview).size == (64, 48)


def test_the_transparent_is_white_and_sixteen_bits_keep_their_light() -> None:
    clear, grey = Image.new("RGBA", SIZE, (0, 0, 0, 0)), Image.new("I;16", SIZE, 32_896)

    shown = [read_image(read(encoded(image, "PNG")).preview).getpixel((5, 5)) for image in (clear, grey)]

    assert shown == [(255, 255, 255), (128, 128, 128)]


def test_colours_are_those_of_the_profile_that_is_taken_away() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))  # one that does not fit is passed over
    sound = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    for icc in (sound, profile.tobytes(), b"no profile"):
        preview = read_image(read(encoded(Image.new("RGB", SIZE, (200, 30, 30)), icc_profile=icc)).preview)
        assert "icc_profile" not in preview.info
        assert preview.getpixel((5, 5)) == pytest.approx((200, 30, 30), abs=3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_upright_whatever_way_the_camera_was_held(orientation: int) -> None:
    picture = read(encoded(noise((40, 20)), exif=with_exif(orientation=orientation)))

    is_sideways = orientation > 4
    assert (picture.width, picture.height) == ((20, 40) if is_sideways else (40, 20))
    assert read_image(picture.preview).size == (picture.width, picture.height)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026:07:14 18:03:11", "2026-07-14T18:03:11"),
        ("2026:07:14 18:03:11\0", "2026-07-14T18:03:11"),
        ("0000:00:00 00:00:00", None),
        ("2026:02:30 10:00:00", None),
        ("    :  :     :  :  ", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_moment_is_read_when_there_was_one(written: str | None, moment: str | None) -> None:
    assert read(encoded(noise(), exif=with_exif(written))).taken_at == moment


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "photo_format"),
        (b"GIF89a" + bytes(100), "photo_format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo_format"),
        (b"%PDF-1.7" + bytes(100), "photo_format"),
        (b"\xff\xd8\xff", "photo_format"),
        (encoded(noise((200, 200)))[:2000], "photo_damaged"),
        (encoded(noise((200, 200)), "PNG")[:2000], "photo_damaged"),
        (encoded(noise((200, 200)), "WEBP")[:200], "photo_damaged"),
        (HEIC[:400], "photo_damaged"),
        (png_of(60_000, 60_000), "photo_too_large"),
        (png_of(1, 2_000_000), "photo_too_large"),
        (png_of(8_000, 8_001), "photo_too_large"),
    ],
)
def test_what_cannot_be_read_is_refused_and_says_why(data: bytes, reason: str) -> None:
    found = reason_of(data)

    assert found == reason or {found, reason} == {"photo_format", "photo_damaged"}


def test_a_picture_of_64_megapixels_is_read() -> None:
    data = encoded(Image.new("L", (8_000, 8_000)), "PNG", compress_level=1)

    assert read(data)[:3] == ("image/png", 8_000, 8_000)


SCRIPTS = {
    "memory": "limit_this_process(); bytearray(2 * MOST_MEMORY_BYTES)",
    "output": "limit_this_process(); open('{place}', 'wb').write(bytes(MOST_OUTPUT_BYTES + 1))",
    "crash": "os.abort()",
    "lies": "sys.stdout.write('{{\"width\": -1}}\\n')",
    "no copies": "sys.stdout.write('{{\"preview_bytes\": 4}}\\nabcdef')",
    "silence": "",
}


@pytest.mark.threat(row=34)
@pytest.mark.parametrize("what", SCRIPTS)
def test_whatever_happens_to_the_child_is_no_more_than_a_refusal(
    what: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The child of a picture that has taken it over, or that is more than it may be."""
    script = tmp_path / "derive.py"
    code = SCRIPTS[what].format(place=tmp_path / "large")
    script.write_text(Path(derive.__file__).read_text().replace("    main()\n", f"    {code or 'pass'}\n"))
    monkeypatch.setattr(reader, "SCRIPT", script)

    assert reason_of(small_jpeg()) == "photo_damaged"


def test_a_child_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "derive.py"
    script.write_text("import time; time.sleep(600)")
    monkeypatch.setattr(reader, "SCRIPT", script)
    monkeypatch.setattr(reader, "MOST_SECONDS", 0.2)

    with pytest.raises(Unavailable):
        read(small_jpeg())


def test_the_child_knows_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "derive.py"
    script.write_text(f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(repr(sorted(os.environ)))")
    monkeypatch.setattr(reader, "SCRIPT", script)
    monkeypatch.setenv("SECRET_KEY", "nobody's business")

    reason_of(small_jpeg())

    assert "SECRET_KEY" not in (tmp_path / "seen").read_text()
    assert "SECRET_KEY" in os.environ


def test_derivation_itself_is_a_function_of_bytes() -> None:
    """In this process, where it is measured; with pictures that can do no harm."""
    told, preview, _ = derive.derive(io.BytesIO(encoded(noise((3000, 20)), exif=with_exif(orientation=3))))

    assert told == {"media_type": "image/jpeg", "width": 3000, "height": 20, "taken_at": "2026-07-14T18:03:11"}
    assert read_image(preview).size == (1600, 11)
    for make, media_type in PICTURES.values():
        assert derive.derive(io.BytesIO(make()))[0]["media_type"] == media_type
    with pytest.raises(derive.Refused, match="photo_too_large"):
        derive.derive(io.BytesIO(png_of(9_000, 9_000)))
    with pytest.raises(derive.Refused, match="photo_damaged"):
        derive.derive(io.BytesIO(png_of(10, 10)))
