"""What is not HTTP as it should be gets one refusal at most, never a mistake of ours, never two answers."""

import pytest

from tests.servers import LiveServer
from tests.serving.wire import head, send, sign_up, statuses

pytestmark = pytest.mark.slow

NEXT = head("GET", "/healthz", "Connection: close")  # what an attacker hopes is answered as a request
LOGIN = ("POST", "/v1/auth/login", "Content-Type: application/json", "Connection: close")
CLOSE = "Connection: close"

REFUSED = {
    "two lengths": head(*LOGIN, "Content-Length: 2", "Content-Length: 3") + b"{}" + NEXT,
    "a negative length": head(*LOGIN, "Content-Length: -1"),
    "a length with a sign": head(*LOGIN, "Content-Length: +2") + b"{}",
    "a length in hexadecimal": head(*LOGIN, "Content-Length: 0x2") + b"{}",
    "a coding that ends with something else": head(*LOGIN, "Transfer-Encoding: chunked, identity") + b"0\r\n\r\n",
    "an unknown coding": head(*LOGIN, "Transfer-Encoding: xchunked") + b"0\r\n\r\n",
    "a chunk that is no number": head(*LOGIN, "Transfer-Encoding: chunked") + b"zz\r\n{}\r\n0\r\n\r\n",
    "a folded header": head("GET", "/healthz", "X-Folded: one\r\n two", CLOSE),
    "a blank before the colon": head("GET", "/healthz", "X-Header : one", CLOSE),
    "a header without a name": head("GET", "/healthz", ": one", CLOSE),
    "a NUL in a header": head("GET", "/healthz", "X-Header: a\0b", CLOSE),
    "bare carriage returns": b"GET /healthz HTTP/1.1\rHost: a\r\r",
    "a method with odd characters": head("G@T(", "/healthz", CLOSE),
    "no method": b" /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    "an address with a blank": head("GET", "/health z", CLOSE),
    "an address that is no text": b"GET /\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "an unknown version": b"GET /healthz HTTP/3.0\r\nHost: a\r\n\r\n",
    "no version": b"GET /healthz\r\n\r\n",
    "the greeting of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "the greeting of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a giant header": head("GET", "/healthz", "X-Header: " + "a" * 1_000_000, CLOSE),
    "five thousand headers": head("GET", "/healthz", *(f"X-{number}: b" for number in range(5000)), CLOSE),
    "a giant address": head("GET", "/" + "a" * 1_000_000, CLOSE),
    "an unknown method": head("FROB", "/healthz", CLOSE),
    "a tunnel": head("CONNECT", "db.example.com:5432", CLOSE),
    "an address that is not UTF-8": head("GET", "/v1/buckets/%ff%00", CLOSE),
    "a half-finished escape": head("GET", "/v1/buckets/%zz?q=%zz", CLOSE),
}
TAKEN = {  # RFC 9112 leaves it to the server; what matters is that there is one answer
    "bare line feeds": b"GET /healthz HTTP/1.1\nHost: a\nConnection: close\n\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
    "a foreign host": head("GET", "http://evil.example.com/healthz", CLOSE),
    "HTTP/1.0": b"GET /healthz HTTP/1.0\r\n\r\n",
    "a body where none belongs": head("GET", "/healthz", "Content-Length: 5", CLOSE) + b"hello",
}


@pytest.mark.threat(row=50)
@pytest.mark.parametrize("request_bytes", REFUSED.values(), ids=REFUSED)
def test_a_broken_request_is_refused_once_or_hung_up_on(request_bytes: bytes, live_server: LiveServer) -> None:
    found = statuses(send(live_server, request_bytes))

    assert len(found) <= 1
    assert all(400 <= status < 500 for status in found)


@pytest.mark.parametrize("request_bytes", TAKEN.values(), ids=TAKEN)
def test_an_odd_request_has_one_answer(request_bytes: bytes, live_server: LiveServer) -> None:
    assert len([status for status in statuses(send(live_server, request_bytes)) if status < 500]) == 1


@pytest.mark.threat(row=50)
@pytest.mark.parametrize(
    "headers",
    [("Content-Length: 6", "Transfer-Encoding: chunked"), ("Transfer-Encoding: chunked", "Content-Length: 4")],
)
def test_a_length_beside_chunks_smuggles_nothing_in(headers: tuple[str, str], live_server: LiveServer) -> None:
    smuggler = head("POST", "/v1/auth/login", "Content-Type: application/json", *headers)

    found = statuses(send(live_server, smuggler + b"2\r\n{}\r\n0\r\n\r\n" + NEXT))

    assert len(found) == 1
    assert 400 <= found[0] < 500


def test_a_body_that_nobody_reads_is_not_taken_for_a_request(live_server: LiveServer) -> None:
    unread = head("POST", "/v1/buckets", "Content-Type: application/json", f"Content-Length: {len(NEXT)}", CLOSE)

    assert statuses(send(live_server, unread + NEXT)) == [401]


def test_a_server_that_saw_all_this_still_serves(live_server: LiveServer) -> None:
    for request in [*REFUSED.values(), *TAKEN.values()]:
        send(live_server, request)

    assert sign_up(live_server).ask("GET", "/v1/users/me").status == 200
    assert '"status":5' not in live_server.log
    assert "Traceback" not in live_server.log
