"""What is not HTTP as it should be gets one refusal at most, never a mistake of ours, never two answers."""

import pytest

from tests.servers import LiveServer
from tests.serving.broken import CHUNKED, CLOSE, KEPT, NEXT, REFUSED, SMUGGLED, TAKEN
from tests.serving.wire import head, send, sign_up, statuses

pytestmark = pytest.mark.slow


@pytest.mark.threat(row=50)
@pytest.mark.parametrize("request_bytes", REFUSED.values(), ids=REFUSED)
def test_a_broken_request_is_refused_once_or_hung_up_on(request_bytes: bytes, live_server: LiveServer) -> None:
    found = statuses(send(live_server, request_bytes))

    assert len(found) <= 1
    assert all(400 <= status < 500 for status in found)


@pytest.mark.threat(row=71)
def test_f17_a_broken_chunk_is_told_to_end_the_connection(live_server: LiveServer) -> None:
    answer = send(live_server, head(*KEPT, CHUNKED) + b"zz\r\n{}\r\n0\r\n\r\n").lower()

    assert statuses(answer.upper()) in ([], [400])
    assert b"connection: close" in answer or not answer


@pytest.mark.parametrize("request_bytes", TAKEN.values(), ids=TAKEN)
def test_an_odd_request_has_one_answer(request_bytes: bytes, live_server: LiveServer) -> None:
    assert len([status for status in statuses(send(live_server, request_bytes)) if status < 500]) == 1


@pytest.mark.threat(row=50)
@pytest.mark.parametrize("smuggler", SMUGGLED.values(), ids=SMUGGLED)
def test_nothing_is_smuggled_in(smuggler: bytes, live_server: LiveServer) -> None:
    found = statuses(send(live_server, smuggler + NEXT))

    assert len(found) <= 1
    assert all(400 <= status < 500 for status in found)


def test_a_body_that_nobody_reads_is_not_taken_for_a_request(live_server: LiveServer) -> None:
    unread = head("POST", "/v1/buckets", "Content-Type: application/json", f"Content-Length: {len(NEXT)}", CLOSE)

    assert statuses(send(live_server, unread + NEXT)) == [401]


def test_a_server_that_saw_all_this_still_serves(live_server: LiveServer) -> None:
    before = len(live_server.log)  # others may have been told 503 there, in a flood of sign-ups
    for request in [*REFUSED.values(), *TAKEN.values(), *SMUGGLED.values()]:
        send(live_server, request)

    assert sign_up(live_server).ask("GET", "/v1/users/me").status == 200
    assert '"status":5' not in live_server.log[before:]
    assert "Traceback" not in live_server.log
