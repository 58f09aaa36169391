"""Request smuggling: a proxy and bucketlist never disagree about where a request ends."""

import pytest

from tests.deploy.proxies import Proxy
from tests.servers import LiveServer
from tests.serving.broken import NEXT, SMUGGLED
from tests.serving.wire import ask, send, statuses

pytestmark = pytest.mark.slow

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
