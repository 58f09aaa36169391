"""R6: body limit: one that is larger than its route takes is refused with 413, and not read to its end."""

import pytest

from bucketlist.buckets.schemas import BucketIn
from bucketlist.kit.schemas import most_body_bytes
from tests.servers import LiveServer
from tests.serving.wire import Visitor, connect, head, receive_all, send, sign_up, statuses

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
MOST = most_body_bytes(BucketIn)
JSON = "Content-Type: application/json"
CLOSE = "Connection: close"


@pytest.fixture(scope="module")
def ada(live_server: LiveServer) -> Visitor:
    return sign_up(live_server)


def padded(size: int) -> bytes:
    """A bucket whose JSON takes `size` bytes."""
    return b'{"name": "large"}'.ljust(size)


def in_chunks(body: bytes) -> bytes:
    parts = [body[start : start + 65536] for start in range(0, len(body), 65536)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def post(ada: Visitor, *headers: str) -> bytes:
    return head("POST", "/v1/buckets", f"Authorization: Bearer {ada.token}", JSON, CLOSE, *headers)


def test_a_body_that_its_route_takes_is_taken(ada: Visitor) -> None:
    measured = post(ada, f"Content-Length: {MOST}") + padded(MOST)
    chunked = post(ada, "Transfer-Encoding: chunked") + in_chunks(padded(MOST))

    assert statuses(send(ada.server, measured)) == [201]
    assert statuses(send(ada.server, chunked)) == [201]


@pytest.mark.threat(row=25)
@pytest.mark.parametrize("path", ["/v1/buckets", "/v1/auth/login", "/v1/auth/register"])
def test_one_byte_more_is_refused_before_any_of_it_has_come(path: str, ada: Visitor) -> None:
    headers = (f"Authorization: Bearer {ada.token}", JSON, CLOSE, f"Content-Length: {MOST + 1}")

    received = send(ada.server, head("POST", path, *headers))

    assert statuses(received) == [413]
    assert b'"code":"content_too_large"' in received


@pytest.mark.threat(row=71)
@pytest.mark.parametrize(("path", "status"), [("/v1/buckets", 401), ("/v1/auth/logout", 401), ("/v1/auth/login", 413)])
def test_whoever_sends_a_refused_body_to_its_end_has_the_answer(path: str, status: int, ada: Visitor) -> None:
    """A proxy would make a 502 of a connection that is reset meanwhile."""
    with connect(ada.server) as connection:
        connection.sendall(head("POST", path, JSON, CLOSE, f"Content-Length: {2 * MIB}") + b" " * MIB)
        answer = connection.recv(65536)
        connection.sendall(b" " * MIB)

        assert statuses(answer + receive_all(connection)) == [status]


@pytest.mark.threat(row=25)
def test_chunks_without_an_end_are_not_read_for_long(ada: Visitor) -> None:
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    sent = 0
    with connect(ada.server) as connection:
        connection.sendall(post(ada, "Transfer-Encoding: chunked"))
        try:
            while sent < 64 * MIB:
                connection.sendall(chunk)
                sent += len(chunk)
        except OSError:  # hung up on, which is what is wanted
            pass

    assert sent < 16 * MIB
