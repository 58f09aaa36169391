"""A server and the proxies in front of it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.deploy.proxies import NAME, Proxy, start_caddy, start_nginx
from tests.servers import LiveServer, start_server

StartProxy = Callable[[Path, int], AbstractContextManager[Proxy]]
NEEDED = {"nginx": ("nginx", "openssl"), "caddy": ("caddy",)}


def skip_without(name: str) -> None:
    for program in NEEDED[name]:
        if not shutil.which(program):
            pytest.skip(f"This machine has no {program}.")


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def start_proxy(request: pytest.FixtureRequest) -> StartProxy:
    """Starts each of the two proxies."""
    skip_without(request.param)
    return start_nginx if request.param == "nginx" else start_caddy


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def proxy(app_server: LiveServer, start_proxy: StartProxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with start_proxy(tmp_path_factory.mktemp("proxy"), app_server.port) as running:
        yield running
