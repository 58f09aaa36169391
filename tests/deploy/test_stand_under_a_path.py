"""F12: base path of a site with another application at its root, behind a proxy that keeps the path or strips it."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

from tests.deploy.conftest import StartProxy
from tests.deploy.proxies import NAME, OTHERS, Proxy, start_nginx, under_path
from tests.docs.html import read_page
from tests.patience import LONG
from tests.servers import LiveServer, free_port, start_server
from tests.serving.wire import PASSWORD, Answer, ask

pytestmark = pytest.mark.slow

HOME = "/bucketlist"
PLACES = ("/reset", "/confirm/", "/sign-up")  # where the links of letters lead
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def app_under_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One setting says where it stands."""
    wanted = {"PUBLIC_URL": f"https://{NAME}{HOME}", "TRUSTED_PROXIES": "1", "MAIL_URL": "smtp://127.0.0.1:1"}
    with start_server(tmp_path_factory.mktemp("app"), **wanted) as server:
        yield server


@pytest.fixture(scope="module", params=["keep", "strip"])
def site(
    request: pytest.FixtureRequest,
    proxy_name: str,
    start_proxy: StartProxy,
    app_under_path: LiveServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proxy]:
    with start_proxy(
        tmp_path_factory.mktemp("proxy"), app_under_path.port, under_path(proxy_name, request.param)
    ) as proxy:
        yield proxy


def test_f12_a_person_signs_up_and_follows_every_link_of_the_api(site: Proxy) -> None:
    account = {"email": f"ada{site.port}@example.com", "password": PASSWORD}
    token = ask(site, "POST", f"{HOME}/v1/auth/register", account).json["accessToken"]
    bearer = {"Authorization": f"Bearer {token}"}

    made = [ask(site, "POST", f"{HOME}/v1/buckets", {"name": name}, **bearer) for name in ("Far away", "Near")]
    page = ask(site, "GET", f"{HOME}/v1/buckets?limit=1", **bearer)
    following = ask(site, "GET", urljoin(f"{HOME}/v1/buckets", page.json["next"]), **bearer)

    assert ask(site, "GET", made[0].headers["location"], **bearer).json == made[0].json
    assert following.json["buckets"] == [made[1].json]


@pytest.mark.parametrize("place", ["/", "/reference", "/problems", "/reset?token=x"])
def test_f12_every_page_and_file_is_found_below_the_path(site: Proxy, place: str) -> None:
    page = ask(site, "GET", f"{HOME}{place}")

    links = {urljoin(f"{HOME}{place}", link).partition("#")[0] for link in read_page(page.body.decode()).links}

    assert page.status == 200
    assert len(links) >= 4
    assert [link for link in links if not link.startswith(f"{HOME}/")] == []
    assert {link: ask(site, "GET", link).status for link in links} == dict.fromkeys(links, 200)


def test_f12_the_path_without_a_slash_is_the_homepage_or_leads_there(site: Proxy) -> None:
    answer = ask(site, "GET", HOME)

    assert answer.status == 200 or urlsplit(answer.headers["location"]).path == f"{HOME}/"


def test_f12_a_form_reaches_bucketlist_and_not_its_neighbour(site: Proxy) -> None:
    page = ask(site, "GET", f"{HOME}/reset?token=x").body.decode()
    action = page.partition('action="')[2].partition('"')[0]

    answer = send_form(site, action, token="x", password="a much better horse battery")

    assert answer.status == 401
    assert b"not good any more" in answer.body


@pytest.mark.parametrize("path", ["/", "/v1/buckets", "/reset", "/bucketlistx/v1/buckets"])
def test_f12_the_rest_of_the_site_is_not_ours(site: Proxy, path: str) -> None:
    assert ask(site, "GET", path).body == OTHERS.encode()


def test_f12_what_a_proxy_itself_refuses_leads_to_a_page_as_well(site: Proxy) -> None:
    with closing(HTTPConnection("127.0.0.1", site.port, timeout=LONG)) as connection:
        connection.putrequest("POST", f"{HOME}/v1/auth/login")
        connection.putheader("Content-Length", str(3 * MIB))
        connection.endheaders()
        with connection.getresponse() as response:
            problem = json.load(response)

    assert problem["code"] == "content_too_large"
    assert ask(site, "GET", problem["type"]).status == 200


@pytest.mark.usefixtures("needs_nginx")
@pytest.mark.parametrize("kind", ["keep", "strip"])
def test_f12_the_token_of_a_letter_is_in_no_log_of_nginx_when_bucketlist_is_away(kind: str, tmp_path: Path) -> None:
    with start_nginx(tmp_path, free_port(), under_path("nginx", kind)) as proxy:
        answers = [ask(proxy, "GET", f"{HOME}{place}?token=s3cret-token") for place in PLACES]

    assert [answer.json["type"] for answer in answers] == [f"{HOME}/problems/unavailable"] * len(PLACES)
    assert "s3cret" not in "".join(path.read_text() for path in tmp_path.glob("*.log"))


def send_form(site: Proxy, path: str, **fields: str) -> Answer:
    with closing(HTTPConnection("127.0.0.1", site.port, timeout=LONG)) as connection:
        connection.request("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
