"""Shared HTTP cache: one in front of bucketlist gives nobody what is somebody else's."""

from pathlib import Path

import pytest

from bucketlist.docs.assets import static_fingerprint
from tests.concurrency import wait_until
from tests.deploy.proxies import Proxy, start_nginx
from tests.servers import LiveServer
from tests.serving.wire import Answer, Visitor, ask, sign_up

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("needs_nginx")]

SECRET = "A ring for Ben"
PASS = "proxy_pass http://bucketlist;"
CACHE = "proxy_cache all; proxy_cache_valid any 10m; add_header X-Cache $upstream_cache_status always;"


def with_cache(folder: Path, ignored: str) -> tuple[tuple[str, str], ...]:
    """What to replace in deploy/nginx.conf, to keep all that it may without a look at the header `ignored`."""
    place = f"proxy_cache_path {folder}/cache keys_zone=all:1m;\n"
    ignore = f"proxy_ignore_headers {ignored};" if ignored else ""
    return ("http {\n", f"http {{\n{place}"), (PASS, f"{PASS} {CACHE} {ignore}")


def make_hers(ada: Visitor) -> dict[str, int]:
    """Where Ada's secret can be read, and what anybody else is told there."""
    bucket = ada.ask("POST", "/v1/buckets", {"name": SECRET}).headers["location"]
    item = ada.ask("POST", f"{bucket}/items", {"name": SECRET}).headers["location"]
    ada.ask("PATCH", "/v1/users/me", {"name": SECRET})
    return {bucket: 404, f"{bucket}/items": 404, item: 404, "/v1/buckets": 200, "/v1/users/me": 200}


def tells_of_ada(answer: Answer) -> bool:
    return answer.status == 304 or SECRET.encode() in answer.body


def check_that_it_keeps(proxy: Proxy) -> None:
    """What is public is soon answered by the cache itself."""
    path = f"/static/{static_fingerprint()}/bucketlist.css"
    wait_until(lambda: ask(proxy, "GET", path).headers["x-cache"] == "HIT")


@pytest.mark.threat(row=48)
@pytest.mark.parametrize("ignored", ["", "Vary", "Cache-Control"])
def test_ben_never_gets_from_a_cache_what_is_adas(ignored: str, app_server: LiveServer, tmp_path: Path) -> None:
    """`Cache-Control` is enough, and so is `Vary`, should somebody's cache not heed the other."""
    with start_nginx(tmp_path, app_server.port, *with_cache(tmp_path, ignored)) as proxy:
        check_that_it_keeps(proxy)
        ada, ben = sign_up(proxy), sign_up(proxy)
        for path, status in make_hers(ada).items():
            hers = [ada.ask("GET", path) for _ in range(2)][-1]
            known = {"If_None_Match": hers.headers.get("etag", '"of nobody"')}
            others = [ben.ask("GET", path), ben.ask("GET", path, **known), ben.ask("HEAD", path)]
            strangers = [ask(proxy, "GET", path), ask(proxy, "GET", path, **known)]

            assert tells_of_ada(hers)
            assert [answer.status for answer in (*others, *strangers)] == [status] * 3 + [401] * 2
            assert [answer for answer in (*others, *strangers) if tells_of_ada(answer)] == []
            assert ada.ask("GET", path).body == hers.body
