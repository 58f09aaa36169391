"""F28: health check command: `bucketlist health` tells a container's HEALTHCHECK whether the service lives."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from tests.commands import refusal, succeed
from tests.servers import free_port, run_command, start_server


@contextmanager
def somebody_who_says(said: bytes, address: str = "127.0.0.1") -> Iterator[int]:
    """A port at which one connection is answered with `said`; or, without it, never."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as listener:

        def answer() -> None:
            connection = listener.accept()[0]
            with connection:
                connection.recv(4096)
                connection.sendall(said)

        if said:
            Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1]


def answer(status: str, body: bytes = b'{"status":"ok"}') -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.slow
def test_f28_a_service_that_lives_is_well(tmp_path: Path) -> None:
    hosts = "lists.example.com"

    with start_server(tmp_path, under="/wishes", TRUSTED_HOSTS=hosts) as server:
        ended = run_command(tmp_path, "health", PORT=str(server.port), TRUSTED_HOSTS=hosts, DATABASE_URL="nonsense")

    assert (ended.returncode, ended.stdout) == (0, "The service lives.\n"), ended.stderr


@pytest.mark.parametrize(("host", "listens"), [("0.0.0.0", "127.0.0.1"), ("[::]", "::1"), ("::1", "::1")])  # noqa: S104  # as HOST may be
def test_f28_who_listens_everywhere_is_asked_here(host: str, listens: str, tmp_path: Path) -> None:
    with somebody_who_says(answer("200 OK"), listens) as port:
        assert succeed(tmp_path, "health", HOST=host, PORT=str(port)) == "The service lives.\n"


def test_f28_nobody_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    port = free_port()

    assert refusal(tmp_path, "health", "--port", str(port)) == (
        f"http://127.0.0.1:{port}/healthz does not answer: Connection refused."
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (answer("503 Service Unavailable"), "answers 503."),
        (answer("302 Found"), "answers 302."),
        (answer("200 OK", b"Welcome!"), "is served by something else."),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not answer in HTTP."),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", "is served by something else."),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200, "does not answer in HTTP."),
    ],
)
def test_f28_what_is_not_well_is_told(said: bytes, told: str, tmp_path: Path) -> None:
    with somebody_who_says(said) as port:
        assert refusal(tmp_path, "health", PORT=str(port)) == f"http://127.0.0.1:{port}/healthz {told}"


@pytest.mark.slow
def test_f28_who_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    with somebody_who_says(b"") as port:
        assert refusal(tmp_path, "health", PORT=str(port)).endswith("does not answer within 3 seconds.")


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", "8000.0"])
def test_f28_a_port_that_there_is_not_is_told(port: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, "health", PORT=port) == "PORT: must be a number from 1 to 65535."


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..invalid", "x" * 70 + ".invalid"])
def test_f28_a_host_that_there_is_not_is_told(host: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, "health", HOST=host).startswith(f"http://{host}:8000/healthz ")


def test_f28_a_setting_of_the_file_env_is_heeded_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HOST=127.0.0.2\nport=1\nAPP_SETTING=production\nSECRET_KEY=weak\n")

    assert "http://127.0.0.2:1/healthz " in refusal(tmp_path, "health")
    assert "http://127.0.0.2:2/healthz " in refusal(tmp_path, "health", PORT="2")


def test_f28_a_health_check_needs_no_settings_that_are_right_and_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe")

    with somebody_who_says(answer("200 OK")) as port:
        succeed(tmp_path, "health", PORT=str(port), APP_SETTING="production", DATA_DIR=str(tmp_path / "none"))

    assert [path.name for path in tmp_path.iterdir()] == [".env"]
