"""Reverse proxy: what comes through each, and what does not, such as request smuggling."""

import http.client
import json
import socket
import ssl
from contextlib import closing
from http.client import HTTPResponse
from itertools import count
from pathlib import Path

import pytest

from tests.deploy.conftest import StartProxy
from tests.deploy.proxies import NAME, Proxy, start_nginx
from tests.patience import LONG, allowed
from tests.servers import LiveServer, free_port
from tests.serving.broken import NEXT, SMUGGLED
from tests.serving.stalling import BODY, HEAD, count_waiting, slowest_health, stalled
from tests.serving.wire import Answer, Visitor, ask, ask_on, connect, head, receive_all, send, sign_up, statuses

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
ATTEMPTS = 10  # to log in, from one address
STALLED = 3000  # heads, and as many bodies
SECONDS = 10  # generous to a busy machine
JSON = "Content-Type: application/json"
_places = count(2)  # of this machine, each with an address of its own


def guess_from(address: str, proxy: Proxy, number: int, claimed: str) -> Answer:
    """Somebody at `address`, who claims to be elsewhere, tries to log in, with another account each time."""
    login = {"email": f"nobody{number}@example.com", "password": "not a password of anybody"}
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.port, LONG, source_address=(address, 0))) as connection:
        return ask_on(connection, "POST", "/v1/auth/login", login, X_Forwarded_For=claimed)


def post(ada: Visitor, size: int) -> list[int]:
    """What is said to the JSON of a bucket that takes `size` bytes."""
    headers = (f"Authorization: Bearer {ada.token}", JSON, "Connection: close", f"Content-Length: {size}")
    return statuses(send(ada.server, head("POST", "/v1/buckets", *headers) + b'{"name": "large"}'.ljust(size)))


def ask_by_tls(proxy: Proxy, name: str, trust: ssl.SSLContext) -> str:
    """The status of an answer to `name`."""
    with (
        socket.create_connection(("127.0.0.1", proxy.tls_port), timeout=LONG) as plain,
        trust.wrap_socket(plain, server_hostname=name) as connection,
    ):
        connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        return str(statuses(receive_all(connection))[0])


def test_requests_reach_bucketlist_and_answers_come_back(proxy: Proxy) -> None:
    ada = sign_up(proxy)
    bucket = ada.ask("POST", "/v1/buckets", {"name": "Far away"})

    assert bucket.status == 201
    assert ada.ask("GET", bucket.headers["location"]).json == bucket.json


@pytest.mark.usefixtures("needs_nginx")
def test_nginx_speaks_tls_and_only_for_its_name(app_server: LiveServer, tmp_path: Path) -> None:
    with start_nginx(tmp_path, app_server.port) as proxy:
        trust = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
        found = []
        for name in (NAME, "else.example.com"):
            try:
                found.append(ask_by_tls(proxy, name, trust))
            except ssl.SSLError:
                found.append("refused")

    assert found == ["200", "refused"]


@pytest.mark.threat(row=12)
def test_the_address_of_the_client_counts_and_not_what_it_claims(
    limited_server: LiveServer, start_proxy: StartProxy, tmp_path: Path
) -> None:
    here, there = (f"127.0.0.{next(_places)}" for _ in range(2))
    with start_proxy(tmp_path, limited_server.port) as proxy:
        found = [guess_from(here, proxy, n, f"192.0.2.{n}").status for n in range(ATTEMPTS + 1)]
        other = guess_from(there, proxy, ATTEMPTS + 1, here).status

    assert found == [401] * ATTEMPTS + [429]
    assert other == 401


def test_a_body_of_one_mebibyte_is_taken_and_one_byte_more_is_not(proxy: Proxy) -> None:
    ada = sign_up(proxy)

    assert post(ada, MIB // 4) == [201]
    assert post(ada, MIB // 4 + 1) == [413]


def test_a_body_that_says_it_is_very_large_is_refused_before_any_of_it_has_come(proxy: Proxy) -> None:
    beginning = head("POST", "/v1/auth/login", JSON, "Connection: close", f"Content-Length: {3 * MIB}")

    with connect(proxy) as connection, HTTPResponse(connection, method="POST") as response:
        connection.sendall(beginning)
        response.begin()
        found = response.status, json.load(response)["code"]

    assert found == (413, "content_too_large")


@pytest.mark.usefixtures("needs_files")
def test_three_thousand_heads_and_bodies_that_stall_do_not_keep_others_waiting(
    app_server: LiveServer, start_proxy: StartProxy, tmp_path: Path
) -> None:
    """They are hung up on after a minute here, so that a busy machine has the time to open them all."""
    with (
        start_proxy(tmp_path, app_server.port, ("10s", "60s")) as proxy,
        stalled(proxy, BODY, STALLED) as bodies,
        stalled(proxy, HEAD, STALLED) as heads,
    ):
        assert slowest_health(proxy, 50) < allowed(0)
        assert sign_up(proxy).ask("POST", "/v1/buckets", {"name": "Far away"}).status == 201
        assert (count_waiting(bodies), count_waiting(heads)) == (STALLED, STALLED)


def test_who_does_not_go_on_is_hung_up_on(start_proxy: StartProxy, app_server: LiveServer, tmp_path: Path) -> None:
    with (
        start_proxy(tmp_path, app_server.port, ("10s", "1s")) as proxy,
        stalled(proxy, HEAD, 1) as heads,
        stalled(proxy, BODY, 1) as bodies,
    ):
        for connection in (*heads, *bodies):
            connection.settimeout(LONG)
            receive_all(connection)  # ends


@pytest.mark.usefixtures("needs_nginx")
def test_nginx_says_so_in_our_words_when_bucketlist_is_away(tmp_path: Path) -> None:
    with start_nginx(tmp_path, free_port()) as proxy:
        answer = ask(proxy, "GET", "/v1/buckets")

    assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (503, "unavailable", "1")


# What a proxy reads as one request and then another, as RFC 9112 has it, and passes on as two with clear ends. Caddy
# unfolds headers, and lets chunks win over a length; nginx looks at nothing behind the last chunk.
TWO = {
    "nginx": {"a last chunk that goes on"},
    "caddy": {"a length, then chunks", "chunks, then a length", "a folded coding"},
}


def count_requests(server: LiveServer) -> int:
    """That have come to bucketlist itself."""
    return server.log.count('"event":"request"')


@pytest.mark.threat(row=50)
def test_nothing_is_smuggled_past_a_proxy(proxy: Proxy, proxy_name: str, app_server: LiveServer) -> None:
    twice = set()
    for name, smuggler in SMUGGLED.items():
        before = count_requests(app_server)

        found = statuses(send(proxy, smuggler + NEXT))

        assert count_requests(app_server) - before <= len(found), name
        assert all(400 <= status < 500 or status == 501 for status in found[:1]), name  # 501: no such coding
        if len(found) > 1:
            assert found[1:] == [200], name
            twice.add(name)
        assert ask(proxy, "GET", "/v1/users/me").status == 401, name  # not what somebody else was to be told

    assert twice <= TWO[proxy_name]
