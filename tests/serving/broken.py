"""Request smuggling and broken requests: some to be refused, some that a server may take, some that smuggle."""

from tests.serving.wire import head

NEXT = head("GET", "/healthz", "Connection: close")  # what an attacker hopes is answered as a request
CLOSE = "Connection: close"
LOGIN = ("POST", "/v1/auth/login", "Content-Type: application/json", CLOSE)
KEPT = ("POST", "/v1/auth/login", "Content-Type: application/json")  # on a connection that would go on
CHUNKED = "Transfer-Encoding: chunked"

REFUSED = {
    "two lengths": head(*LOGIN, "Content-Length: 2", "Content-Length: 3") + b"{}" + NEXT,
    "a negative length": head(*LOGIN, "Content-Length: -1"),
    "a length with a sign": head(*LOGIN, "Content-Length: +2") + b"{}",
    "a length in hexadecimal": head(*LOGIN, "Content-Length: 0x2") + b"{}",
    "a coding that ends with something else": head(*LOGIN, "Transfer-Encoding: chunked, identity") + b"0\r\n\r\n",
    "an unknown coding": head(*LOGIN, "Transfer-Encoding: xchunked") + b"0\r\n\r\n",
    "a chunk that is no number": head(*LOGIN, CHUNKED) + b"zz\r\n{}\r\n0\r\n\r\n",
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
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
    "one host twice": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\nConnection: close\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
    "an expectation that nobody meets": head(*LOGIN, "Expect: foo", "Content-Length: 2") + b"{}",
    "a half-finished escape": head("GET", "/v1/buckets/%zz?q=%zz", CLOSE),
}
TAKEN = {  # RFC 9112 leaves it to the server; what matters is that there is one answer
    "bare line feeds": b"GET /healthz HTTP/1.1\nHost: a\nConnection: close\n\n",
    "a foreign host": head("GET", "http://evil.example.com/healthz", CLOSE),
    "HTTP/1.0": b"GET /healthz HTTP/1.0\r\n\r\n",
    "a body where none belongs": head("GET", "/healthz", "Content-Length: 5", CLOSE) + b"hello",
}

# Each would be two requests to somebody who reads it in another way: NEXT is in the body of the first, or in what is
# none. They are sent on connections that are kept, so that NEXT would be answered.
SMUGGLED = {
    "a length, then chunks": head(*KEPT, "Content-Length: 6", CHUNKED) + b"2\r\n{}\r\n0\r\n\r\n",
    "chunks, then a length": head(*KEPT, CHUNKED, "Content-Length: 4") + b"2\r\n{}\r\n0\r\n\r\n",
    "two lengths": head(*KEPT, "Content-Length: 0", f"Content-Length: {len(NEXT)}"),
    "two lengths in one": head(*KEPT, f"Content-Length: 0, {len(NEXT)}"),
    "a length after a line feed": head(*KEPT, f"X-Header: a\nContent-Length: {len(NEXT)}", "Content-Length: 0"),
    "a blank before the colon": head(*KEPT, "Transfer-Encoding : chunked", "Content-Length: 5") + b"0\r\n\r\n",
    "a folded coding": head(*KEPT, "Transfer-Encoding:\r\n chunked", "Content-Length: 5") + b"0\r\n\r\n",
    "a coding behind a tab": head(*KEPT, "Transfer-Encoding: \x0bchunked", "Content-Length: 5") + b"0\r\n\r\n",
    "a coding that is quoted": head(*KEPT, 'Transfer-Encoding: "chunked"', "Content-Length: 5") + b"0\r\n\r\n",
    "a coding twice": head(*KEPT, CHUNKED, "Transfer-Encoding: identity", "Content-Length: 5") + b"0\r\n\r\n",
    "a coding beside a NUL": head(*KEPT, "Transfer-Encoding: chunked\0", "Content-Length: 5") + b"0\r\n\r\n",
    "a coding in HTTP/1.0": head(*KEPT, CHUNKED, "Content-Length: 5").replace(b"/1.1", b"/1.0", 1) + b"0\r\n\r\n",
    "a chunk beyond 64 bits": head(*KEPT, CHUNKED) + b"10000000000000002\r\n{}\r\n0\r\n\r\n",
    "a chunk with a sign": head(*KEPT, CHUNKED) + b"+2\r\n{}\r\n0\r\n\r\n",
    "a chunk in C": head(*KEPT, CHUNKED) + b"0x2\r\n{}\r\n0\r\n\r\n",
    "a chunk with an underscore": head(*KEPT, CHUNKED) + b"0_2\r\n{}\r\n0\r\n\r\n",
    "a chunk longer than it says": head(*KEPT, CHUNKED) + b"2\r\n{}}}\r\n0\r\n\r\n",
    "a chunk with a line feed in its extension": head(*KEPT, CHUNKED) + b"2;a\nb\r\n{}\r\n0\r\n\r\n",
    "a chunk without its end of line": head(*KEPT, CHUNKED) + b"2\r\n{}0\r\n\r\n",
    "a last chunk that goes on": head(*KEPT, CHUNKED) + b"2\r\n{}\r\n0\r\nX-Header\r\n\r\n",
}
