"""Photos through a reverse proxy: large ones get in, and nginx sends them where it may (X-Accel-Redirect)."""

import http.client
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from bucketlist.photos.service import FORMS
from tests.deploy.proxies import Proxy, start_nginx
from tests.patience import LONG
from tests.people import BOUNDARY, multipart
from tests.pictures import encoded, noise
from tests.servers import LiveServer, start_server
from tests.serving.wire import Answer, Visitor, ask, sign_up

pytestmark = pytest.mark.slow

PICTURE = encoded(noise((640, 480))) + os.urandom(3 * 1024 * 1024)  # what comes behind a picture is kept with it
INSIDE = "/photos-inside/"
MADE_BY_THE_SERVER = {"connection", "date", "server", "etag", "last-modified", "x-request-id"}


def upload(visitor: Visitor) -> str:
    """The path of a photo of an item."""
    bucket = visitor.ask("POST", "/v1/buckets", {"name": "Far away"}).json["id"]
    item = visitor.ask("POST", f"/v1/buckets/{bucket}/items", {"name": "See it"}).json["id"]
    headers = {
        "Authorization": f"Bearer {visitor.token}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    with closing(http.client.HTTPConnection("127.0.0.1", visitor.server.port, timeout=LONG)) as connection:
        connection.request("POST", f"/v1/items/{item}/photos", multipart({"file": PICTURE}), headers)
        with connection.getresponse() as response:
            answer = Answer(response.status, dict(response.getheaders()), response.read())
    assert answer.status == 201, answer.body
    return f"/v1/photos/{answer.json['id']}"


def test_a_photo_of_some_mebibytes_gets_through_each_proxy(proxy: Proxy) -> None:
    ada = sign_up(proxy)

    path = upload(ada)

    assert ada.ask("GET", f"{path}/original").body == PICTURE


@dataclass
class Sending:
    """A server whose photos nginx sends, both, and somebody who asks nginx for her photo."""

    server: LiveServer
    proxy: Proxy
    ada: Visitor
    path: str

    def directly(self, method: str, path: str) -> Answer:
        """The answer that nginx gets."""
        return Visitor(self.server, self.ada.email, self.ada.token).ask(method, path)


@pytest.fixture(scope="module")
def sending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sending]:
    if not shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin"):
        pytest.skip("This machine has no nginx.")
    folder = tmp_path_factory.mktemp("sending")
    with start_server(folder, TRUSTED_PROXIES="1", X_ACCEL_REDIRECT=INSIDE) as server:
        place = ("/var/lib/bucketlist/files/", f"{server.folder}/data/files/")
        with start_nginx(tmp_path_factory.mktemp("nginx"), server.port, place) as proxy:
            ada = sign_up(proxy)
            yield Sending(server, proxy, ada, upload(ada))


def test_nginx_sends_the_bytes_and_bucketlist_none(sending: Sending) -> None:
    for form in FORMS:
        path = f"{sending.path}/{form}"
        inner, outer, head = sending.directly("GET", path), sending.ada.ask("GET", path), sending.ada.ask("HEAD", path)

        assert (inner.body, inner.headers["x-accel-redirect"].endswith(f"/{form}")) == (b"", True)
        assert (outer.status, "x-accel-redirect" in outer.headers) == (200, False)
        assert (head.status, head.headers["content-length"], head.body) == (200, str(len(outer.body)), b"")
        missing = set(inner.headers) - set(outer.headers) - {"x-accel-redirect"}
        assert missing == set()
        common = set(inner.headers) - MADE_BY_THE_SERVER - {"content-length", "x-accel-redirect"}
        assert {name: outer.headers[name] for name in common} == {name: inner.headers[name] for name in common}
    assert sending.ada.ask("GET", f"{sending.path}/original").body == PICTURE


def test_parts_and_conditions_are_answered_by_one_or_the_other(sending: Sending) -> None:
    path = f"{sending.path}/original"
    known = sending.ada.ask("GET", path).headers["etag"]

    part = sending.ada.ask("GET", path, Range="bytes=1000-1009")
    resumed = sending.ada.ask("GET", path, Range="bytes=1000-1009", If_Range=known)
    changed = sending.ada.ask("GET", path, Range="bytes=1000-1009", If_Range='"other"')

    assert (part.status, part.body, resumed.body) == (206, PICTURE[1000:1010], PICTURE[1000:1010])
    assert part.headers["content-range"] == f"bytes 1000-1009/{len(PICTURE)}"
    assert (changed.status, changed.body) == (200, PICTURE)
    assert sending.ada.ask("GET", path, If_None_Match=known).status == 304
    assert sending.ada.ask("GET", path, Range="bytes=999999999-").json["code"] == "range_not_satisfiable"


@pytest.mark.threat(row=48)
def test_nobody_gets_what_is_not_theirs(sending: Sending) -> None:
    ben, path = sign_up(sending.proxy), f"{sending.path}/original"
    inner = sending.directly("GET", path).headers["x-accel-redirect"]

    found = [ben.ask("GET", path), ask(sending.proxy, "GET", path)]
    inside = [sending.ada.ask("GET", place) for place in (inner, INSIDE, f"{INSIDE}../bucketlist.sqlite")]

    assert [answer.status for answer in found] == [404, 401]
    assert {answer.status for answer in inside} <= {400, 404, 503}  # the last as of a file that is lost
    assert all(PICTURE not in answer.body for answer in (*found, *inside))


def test_a_file_that_is_lost_is_told_as_bucketlist_tells_it(sending: Sending) -> None:
    path = upload(sending.ada)
    inner = sending.directly("GET", f"{path}/preview").headers["x-accel-redirect"]
    (sending.server.folder / "data/files" / inner.removeprefix(INSIDE)).unlink()

    answer = sending.ada.ask("GET", f"{path}/preview")

    assert (answer.status, answer.json["code"]) == (503, "unavailable")
