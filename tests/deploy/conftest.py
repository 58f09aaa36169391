"""Test fixtures of a server and the reverse proxies in front of it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pytest

from tests.deploy.proxies import NAME, Proxy, find_program, start_caddy, start_nginx
from tests.servers import LiveServer, start_server
from tests.serving.stalling import allow_files


class StartProxy(Protocol):
    """`start_nginx` or `start_caddy`; `more` says what else of its file to replace, and by what."""

    def __call__(self, folder: Path, app_port: int, *more: tuple[str, str]) -> AbstractContextManager[Proxy]: ...


FILES = 16384  # as in deploy/nginx.conf
NEEDED = {"nginx": ("nginx", "openssl"), "caddy": ("caddy",)}
START: dict[str, StartProxy] = {"nginx": start_nginx, "caddy": start_caddy}


def missing(name: str) -> str:
    """The first program that a proxy needs and this machine does not have."""
    return next((program for program in NEEDED[name] if not find_program(program)), "")


def skip_without(name: str) -> None:
    if missing(name):
        pytest.skip(f"This machine has no {missing(name)}.")


@pytest.fixture(scope="session", params=START)
def proxy_name(request: pytest.FixtureRequest) -> str:
    """Of each of the two proxies."""
    name: str = request.param
    skip_without(name)
    return name


@pytest.fixture(scope="session")
def start_proxy(proxy_name: str) -> StartProxy:
    return START[proxy_name]


@pytest.fixture(scope="session")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """`bucketlist serve` as it stands behind a proxy."""
    wanted = {
        "APP_SETTING": "production",
        "PUBLIC_URL": f"https://{NAME}",
        "TRUSTED_HOSTS": "127.0.0.1",  # the tests ask for no name
        "TRUSTED_PROXIES": "1",
    }
    with start_server(tmp_path_factory.mktemp("app"), **wanted) as server:
        yield server


@pytest.fixture(scope="session")
def limited_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The same with its limits on."""
    with start_server(tmp_path_factory.mktemp("limited"), TRUSTED_PROXIES="1", RATELIMIT_ENABLED="true") as server:
        yield server


@pytest.fixture(scope="session")
def proxy(app_server: LiveServer, start_proxy: StartProxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with start_proxy(tmp_path_factory.mktemp("proxy"), app_server.port) as running:
        yield running


@pytest.fixture
def needs_nginx() -> None:
    skip_without("nginx")


@pytest.fixture
def needs_files() -> None:
    """As many open files as thousands of connections take, in this process and in those that it starts."""
    try:
        allow_files(FILES)
    except ValueError:
        pytest.skip(f"This machine allows a process fewer than {FILES} open files.")
