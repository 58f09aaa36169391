"""Object storage: what an operator may write, what a store may answer, and what is told of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bucketlist.config.files_url import read_files_url
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.file_storage import FileKey
from bucketlist.kit.object_storage import ObjectStorage
from tests.object_stores import KEY, SECRET, NewFilesUrl, files_url
from tests.servers import free_port

FILE = FileKey("019abcde-0000-7000-8000-000000000001", "019abcde-0000-7000-8000-000000000002", "original")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("s3://ada:b@s3.example.com/photos", ("https://s3.example.com", "photos", "", "us-east-1", "ada", "b")),
        (
            "s3://ada:b%2Fc%2B@[::1]:9000/my.photos/of/us/?tls=0&region=eu-1",
            ("http://[::1]:9000", "my.photos", "of/us", "eu-1", "ada", "b/c+"),
        ),
    ],
)
def test_an_address_says_where_and_who(url: str, place: tuple[str, ...]) -> None:
    assert tuple(read_files_url(url)) == place
    assert "ada" not in f"{read_files_url(url)!r}"


def storage_at(url: str, folder: Path) -> ObjectStorage:
    return ObjectStorage(read_files_url(url), folder)


@contextmanager
def answering(status: int, body: str) -> Iterator[tuple[int, list[str]]]:
    """A store that answers everything so; its port, and what it was shown by whoever asked."""
    shown: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        shown.append(str(handler.headers["Authorization"]))
        handler.rfile.read(int(handler.headers["Content-Length"] or 0))
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body.encode() if handler.command != "HEAD" else b"")

    answers: dict[str, Any] = dict.fromkeys(("do_GET", "do_PUT", "do_HEAD", "do_POST"), answer)
    kind = type("Handler", (BaseHTTPRequestHandler,), answers | {"log_message": lambda *_: None})
    with HTTPServer(("127.0.0.1", 0), kind) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, shown
        server.shutdown()


@pytest.mark.threat(row=14)
def test_what_a_store_refuses_is_told_without_who_asked(tmp_path: Path) -> None:
    """As they repeat it, where a signature does not match."""
    told = f"<Error><Code>SignatureDoesNotMatch</Code><Key>{KEY}</Key><Secret>{SECRET}</Secret></Error>"
    with answering(403, told) as (port, shown):
        storage = storage_at(files_url(port, "photos"), tmp_path)
        for act in (lambda: storage.put(FILE, b"x"), lambda: storage.open(FILE, 0, 1), lambda: storage.find_size(FILE)):
            with pytest.raises(Unavailable) as refused:
                act()
            said = f"{refused.value} {refused.value.reason}"
            assert refused.value.__suppress_context__
            assert [word for word in (KEY, SECRET, "hunter") if word in said] == []
            assert "403" in said

    assert all(f"Credential={KEY}/" in one and SECRET not in one for one in shown)


def test_a_store_that_is_away_or_has_no_such_place_is_no_failure_of_ours(
    tmp_path: Path, new_files_url: NewFilesUrl
) -> None:
    away = storage_at(files_url(free_port(), "photos"), tmp_path)
    nowhere = storage_at(new_files_url().replace("/photos/", "/nowhere/"), tmp_path)

    for storage in (away, nowhere):
        with pytest.raises(Unavailable):
            storage.put(FILE, b"x")
    with pytest.raises(Unavailable):
        away.open(FILE, 0, 1)
