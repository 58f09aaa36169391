"""R6: connection timeouts: who does not send or does not read is hung up on in time, and nobody else is."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from bucketlist.server import connections
from bucketlist.server.connections import (
    BODY_SECONDS,
    HEAD_SECONDS,
    LEAST_RATE,
    SECONDS_BETWEEN,
    WAKE_UP,
    WRITE_SECONDS,
    Connection,
    Look,
    Watch,
    first_seen,
    is_late,
)

SECOND = 1.0
NOTHING = Look(0, 0, False)
HEAD = Look(0, 100, False)


def seen(*looks: tuple[float, Look]) -> Connection:
    """A connection that was looked at, at these seconds."""
    connection = first_seen(looks[0][1], looks[0][0])
    for at, look in looks:
        connection.see(look, at)
    return connection


@pytest.mark.threat(row=58)
@pytest.mark.parametrize(("now", "late"), [(HEAD_SECONDS - SECOND, False), (HEAD_SECONDS, True)])
@pytest.mark.parametrize("look", [NOTHING, HEAD])
def test_r6_who_begins_no_head_or_falls_silent_in_it_has_seconds(look: Look, now: float, late: bool) -> None:
    assert is_late(seen((0, look)), now, are_requests_under_way=False) == late


def test_r6_whose_request_may_be_in_work_is_left_alone() -> None:
    assert not is_late(seen((0, HEAD)), BODY_SECONDS - SECOND, are_requests_under_way=True)


@pytest.mark.parametrize(("rate", "late"), [(LEAST_RATE - 100, True), (LEAST_RATE + 100, False)])
def test_r6_a_body_comes_at_the_least_rate_or_within_a_minute(rate: int, late: bool) -> None:
    connection = seen((0, HEAD), (BODY_SECONDS, Look(0, int(rate * BODY_SECONDS), False)))

    assert is_late(connection, BODY_SECONDS, are_requests_under_way=True) == late


@pytest.mark.threat(row=58)
@pytest.mark.parametrize(("rate", "late"), [(0, True), (LEAST_RATE - 1, True), (LEAST_RATE, False)])
def test_r6_an_answer_is_read_at_the_least_rate(rate: int, late: bool) -> None:
    taken = int(rate * WRITE_SECONDS)
    connection = seen((0, Look(500, 100, True)), (WRITE_SECONDS, Look(500 + taken, 100, True)))

    assert is_late(connection, WRITE_SECONDS, are_requests_under_way=False) == late
    assert not is_late(connection, WRITE_SECONDS + SECOND, are_requests_under_way=False)


@pytest.mark.threat(row=69)
def test_f15_a_connection_that_has_been_answered_may_be_idle() -> None:
    connection = seen((0, HEAD), (1, Look(500, 100, True)), (2, Look(500, 100, False)))

    assert not is_late(connection, 3600, are_requests_under_way=False)
    assert connection.is_idle(3600)


@pytest.mark.threat(row=69)
def test_f15_the_next_request_of_a_connection_has_its_own_seconds() -> None:
    connection = seen((0, HEAD), (1, Look(500, 100, False)), (70, Look(500, 200, False)))

    assert not is_late(connection, 70 + HEAD_SECONDS - SECOND, are_requests_under_way=False)
    assert is_late(connection, 70 + HEAD_SECONDS, are_requests_under_way=False)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection over TCP, that of the server first."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(listener.getsockname())
        server, _ = listener.accept()
    with server, client:
        yield server, client


def watch_of(server: socket.socket, most: int = 100, start: float | None = None, *, lingers: bool = False) -> Watch:
    return Watch(server.getsockname()[1], most, lambda: start, lambda: lingers)


def is_shut(server: socket.socket) -> bool:
    try:
        return server.recv(1000) == b"" or server.recv(1) == b""
    except BlockingIOError:
        return False


@pytest.mark.threat(row=58)
def test_r6_a_reader_who_does_not_read_is_hung_up_on(pair: tuple[socket.socket, socket.socket]) -> None:
    server, client = pair
    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    server.setblocking(False)
    sent = server.send(b"x" * 10_000_000)
    watch = watch_of(server)
    for now in (100.0, 100 + WRITE_SECONDS):
        watch.look(now)

    assert sent < 10_000_000
    assert is_shut(server)


@pytest.mark.threat(row=58)
@pytest.mark.parametrize(("start", "late"), [(None, True), (100.0, False)])
def test_r6_a_silent_head_is_hung_up_on(
    pair: tuple[socket.socket, socket.socket], start: float | None, late: bool
) -> None:
    server, client = pair
    client.sendall(b"GET / HT")
    server.recv(1, socket.MSG_PEEK)  # it is there
    server.setblocking(False)
    watch = watch_of(server, start=start)
    for now in (100.0, 100 + HEAD_SECONDS):
        watch.look(now)

    assert is_shut(server) == late


@pytest.mark.threat(row=69)
@pytest.mark.parametrize(("most", "lingers", "late"), [(0, False, True), (100, True, True), (100, False, False)])
def test_f15_who_is_idle_makes_room_when_there_are_many_or_some_linger(
    pair: tuple[socket.socket, socket.socket], most: int, lingers: bool, late: bool
) -> None:
    server, client = pair
    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    server.recv(1000)
    server.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    client.recv(1000)
    server.setblocking(False)
    watch = watch_of(server, most, lingers=lingers)
    for now in (100.0, 101.0, 101.0 + HEAD_SECONDS):
        watch.look(now)

    assert is_shut(server) == late


def test_r6_connections_to_elsewhere_are_left_alone(pair: tuple[socket.socket, socket.socket]) -> None:
    _, client = pair
    watch = Watch(client.getsockname()[1] + 1, 100, lambda: None, lambda: False)
    for now in (100.0, 1000.0):
        watch.look(now)
    client.setblocking(False)

    assert not is_shut(client)
    assert connections.SECONDS_BETWEEN <= 1


@pytest.mark.parametrize(("answer", "wakes"), [(b"", True), (b"HTTP/1.1 204 No Content\r\n\r\n", False)])
def test_r6_threads_are_woken_while_a_request_waits(answer: bytes, wakes: bool) -> None:
    """granian starts a thread when a request comes, and may miss that one is needed."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
        listener.setblocking(False)
        with server, client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            server.recv(1000)
            watch = watch_of(server)
            watch.look(100.0)
            server.sendall(answer)
            if answer:
                client.recv(1000)

            watch.look(100 + SECONDS_BETWEEN)
            woken = came(listener)
            watch.look(103.0 + HEAD_SECONDS)  # it is hung up on by then, and nobody waits

    assert woken == wakes
    assert watch._waker is None


def came(listener: socket.socket) -> bool:
    try:
        connection, _ = listener.accept()
    except BlockingIOError:
        return False
    with connection:
        connection.setblocking(True)
        return connection.recv(1000) == WAKE_UP
