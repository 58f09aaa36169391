"""Authentication of pages: sign in and out by cookie, CSRF tokens, closed pages, what was typed as a session ended."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.kit import base64url
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.schemas import LEAST_BODY_BYTES
from bucketlist.models import sessions, users
from bucketlist.services import services_of
from bucketlist.sessions import lifecycle
from tests.conftest import on_both_paths, on_sqlite
from tests.people import PASSWORD, Person
from tests.rows import all_rows, count_rows
from tests.web.browsing import HTML, Visitor, field_of
from tests.web.routes import WEB_FORMS, WEB_READS
from tests.workers import WorkerWith

EVIL = [{"Origin": "https://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]


def filled(rule: str) -> str:
    """A rule as an address of something that is not there."""
    return re.sub(r"<(?:path:)?\w+>", "019abcde-0000-7000-8000-000000000000", rule)


@on_both_paths
def test_dora_signs_up_writes_a_wish_signs_out_and_in_again(client: FlaskClient) -> None:
    form = {"email": "dora@example.com", "password": PASSWORD, "name": "Dora"}

    signed_up = client.post("/sign-up", data=form, headers=HTML)
    home = client.get(signed_up.headers["Location"], headers=HTML)
    csrf = unescape(re.findall(r'name="csrf" value="([^"]*)"', home.text)[0])
    out = client.post("/sign-out", data={"csrf": csrf}, headers=HTML)
    outside = client.get("/settings", headers=HTML)
    back = client.post("/sign-in", data={**form, "next": "/settings"}, headers=HTML)

    assert (signed_up.status_code, home.status_code, out.status_code) == (303, 200, 303)
    assert "Welcome, Dora. This is your bucket." in home.text
    assert out.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert (outside.status_code, "/sign-in?next=/settings" in outside.headers["Location"]) == (303, True)
    assert back.headers["Location"].endswith("/settings")
    assert client.get("/settings", headers=HTML).status_code == 200


@on_sqlite
@pytest.mark.threat(row=42)
def test_the_cookie_is_for_this_host_and_for_no_script(
    client: FlaskClient, ada: Person, worker_with: WorkerWith
) -> None:
    secure = worker_with(public_url="https://lists.example.com").test_client()
    form = {"email": ada.email, "password": PASSWORD}

    told = [one.post("/sign-in", data=form).headers.getlist("Set-Cookie")[-1] for one in (client, secure)]

    assert told[0].startswith("bucketlist-session=")
    assert told[1].startswith("__Host-session=")
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/;" in cookie for cookie in told)
    assert ["Secure" in cookie for cookie in told] == [False, True]


@on_sqlite
@pytest.mark.parametrize("rule", WEB_READS)
def test_a_page_is_closed_to_who_is_not_signed_in_and_to_tokens(client: FlaskClient, ada: Person, rule: str) -> None:
    for headers in ({}, {"Authorization": f"Bearer {ada.access_token}"}):
        answer = client.get(filled(rule), headers={**HTML, **headers})

        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in?next=/")


@on_sqlite
@pytest.mark.in_process("each process notes the use of a session for itself")
@pytest.mark.threat(row=42)
@pytest.mark.parametrize("rule", WEB_FORMS)
def test_a_form_without_its_token_or_from_elsewhere_changes_nothing(visitor: Visitor, rule: str) -> None:
    visitor.read("/settings")  # the use of the session is noted
    before = sorted(map(str, all_rows()))

    for csrf in ("", "x", visitor.csrf()[:-2] + "AA"):
        assert visitor.client.post(filled(rule), data={"csrf": csrf}, headers=HTML).status_code == 403
    for headers in EVIL:
        form = {"csrf": visitor.csrf(), "title": "x", "name": "x"}
        assert visitor.client.post(filled(rule), data=form, headers=HTML | headers).status_code == 403

    assert sorted(map(str, all_rows())) == before


@on_sqlite
@pytest.mark.threat(row=42)
def test_a_page_of_others_signs_nobody_in(client: FlaskClient, ada: Person) -> None:
    for headers in (*EVIL, {"Origin": "null"}):
        refused = client.post("/sign-in", data={"email": ada.email, "password": PASSWORD}, headers=headers)

        assert (refused.status_code, refused.headers.getlist("Set-Cookie")) == (403, [])


@on_sqlite
@pytest.mark.threat(row=42)
def test_the_api_takes_no_cookie(visitor: Visitor) -> None:
    assert visitor.client.get("/v1/buckets").status_code == 401


@on_sqlite
def test_a_csrf_token_is_of_one_session_and_another_text_each_time(app: ApiApp, ada: Person, ben: Person) -> None:
    cookies = services_of(app).cookie_sessions

    tokens = {cookies.csrf_token(ada.actor) for _ in range(100)}

    assert len(tokens) == 100
    assert all(cookies.is_csrf_token(ada.actor, token) for token in tokens)
    assert not any(cookies.is_csrf_token(ben.actor, token) for token in tokens)


@pytest.mark.threat(row=27)
def test_a_session_that_ended_elsewhere_is_out_at_once_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    csrf = visitor.csrf()
    lifecycle.end_session(visitor.person.id, visitor.person.actor.session_id)

    read = visitor.read("/settings")
    form = {"csrf": csrf, "title": "Swim <b>far</b>"}
    sent = visitor.client.post("/items", data=form, headers=HTML)
    visitor.client.post("/sign-in", data={"email": visitor.person.email, "password": PASSWORD}, headers=HTML)
    back = visitor.client.post("/items", data=form, headers=HTML | {"Sec-Fetch-Site": "same-origin"})
    again = {"csrf": field_of(back.text, "csrf"), "title": form["title"]}
    done = visitor.client.post("/items", data=again, headers=HTML)

    assert (read.status_code, sent.status_code, back.status_code, done.status_code) == (303, 401, 403, 303)
    assert "What you typed is kept" in sent.text
    assert 'action="/items"' in sent.text
    assert "\nSwim &lt;b&gt;far&lt;/b&gt;</textarea>" in sent.text
    assert csrf not in sent.text
    assert 'action="/items"' in back.text
    assert "\nSwim &lt;b&gt;far&lt;/b&gt;</textarea>" in back.text


@on_sqlite
@pytest.mark.threat(row=25)
def test_r6_of_who_is_not_signed_in_no_more_than_the_least_is_kept(client: FlaskClient, visitor: Visitor) -> None:
    lifecycle.end_session(visitor.person.id, visitor.person.actor.session_id)
    form = {"csrf": visitor.csrf(), "title": "Swim", "notes": "x" * LEAST_BODY_BYTES}

    stranger, known = (one.post("/items/new", data=form, headers=HTML) for one in (client, visitor.client))

    assert (stranger.status_code, known.status_code) == (401, 401)
    assert ("xxx" in stranger.text, "Sign in, go back, and send it again." in stranger.text) == (False, True)
    assert form["notes"] in known.text


def test_home_is_the_documentation_for_whoever_is_not_signed_in_any_more(visitor: Visitor) -> None:
    assert "Good " in visitor.read("/").text or "bucket" in visitor.read("/").text
    lifecycle.end_session(visitor.person.id, visitor.person.actor.session_id)

    assert "The first minute" in visitor.read("/").text


@on_sqlite
@pytest.mark.threat(row=45)
@pytest.mark.parametrize("elsewhere", ["//evil.example.com", "https://evil.example.com", "/\\evil.example.com", "x"])
def test_after_signing_in_nobody_is_sent_elsewhere(client: FlaskClient, ada: Person, elsewhere: str) -> None:
    form = {"email": ada.email, "password": PASSWORD, "next": elsewhere}

    assert client.post("/sign-in", data=form).headers["Location"] == "/"


@on_sqlite
@pytest.mark.parametrize("cookie", ["", "x", "A" * 64, "ü", "." * 3000])
def test_a_cookie_that_is_none_of_ours_is_nobody(client: FlaskClient, cookie: str) -> None:
    client.set_cookie("bucketlist-session", cookie)

    assert client.get("/settings", headers=HTML).status_code == 303
    assert client.get("/", headers=HTML).status_code == 200


@on_sqlite
@pytest.mark.threat(row=42)
@pytest.mark.parametrize("place", [0, 16, 32, -1], ids=["user", "session", "signature", "its end"])
def test_a_cookie_of_which_one_byte_is_forged_is_nobody(app: ApiApp, ada: Person, place: int) -> None:
    forged = bytearray(base64url.decode(services_of(app).cookie_sessions.issue(ada.actor)))
    forged[place] ^= 1
    client = app.test_client()
    client.set_cookie("bucketlist-session", base64url.encode(bytes(forged)))

    assert client.get("/settings", headers=HTML).status_code == 303


@on_sqlite
def test_a_wrong_password_is_told_and_the_email_stays(client: FlaskClient, ada: Person) -> None:
    refused = client.post("/sign-in", data={"email": ada.email, "password": "hunter2"}, headers=HTML)

    assert refused.status_code == 401
    assert "The email or the password is not right." in refused.text
    assert f'value="{ada.email}"' in refused.text
    assert "hunter2" not in refused.text
    assert "<title>Error: " in refused.text


@on_sqlite
def test_ada_asks_for_a_letter_and_cleo_learns_nothing(client: FlaskClient, ada: Person) -> None:
    answers = [client.post("/forgot", data={"email": email}) for email in (ada.email, "nobody@example.com")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text


def test_use_of_a_session_is_noted_and_what_is_over_is_not_revived(visitor: Visitor) -> None:
    before = count_rows(sessions)
    visitor.read("/settings")

    assert count_rows(sessions) == before
    assert count_rows(users) == 1


def test_a_session_lives_thirty_days_from_its_last_page(visitor: Visitor) -> None:
    statuses = []
    for days in (20, 40, 80):
        with time_machine.travel(datetime.now(UTC) + timedelta(days=days)):
            statuses.append(visitor.read("/settings").status_code)

    assert statuses == [200, 200, 303]
