"""The commands of the pages do what these say, typed into a shell as they are."""

import json
import re
import shutil
import subprocess
import urllib.request

import pytest

from tests.docs.html import read_page
from tests.patience import LONG
from tests.servers import LiveServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("curl") or not shutil.which("sh"), reason="This machine has no curl or no sh."),
]


def test_a_newcomer_types_the_first_minute_and_it_works(live_server: LiveServer) -> None:
    commands = read_commands(live_server, "/")

    *_, done, found, listed, left = type_into_a_shell(commands)

    assert json.loads(done)["state"] == "done"
    assert [item["name"] for item in json.loads(found)["items"]] == ["See the northern lights"]
    assert [(bucket["itemCount"], bucket["doneCount"]) for bucket in json.loads(listed)["buckets"]] == [(1, 1)]
    assert re.match(r"HTTP/1.1 204 ", left)


def test_a_newcomer_types_the_examples_of_the_conventions_and_they_work(live_server: LiveServer) -> None:
    begun = [command.replace("ada@", "bea@") for command in read_commands(live_server, "/")[:2]]
    commands = [command.replace("ada@", "bea@") for command in read_commands(live_server, "/conventions")]

    again = next(command for command in commands if "Idempotency-Key" in command)
    *_, refreshed, renamed, created, filtered, tagged, told, shown, restored, changed, replayed = type_into_a_shell(
        [*begun, *commands, again]
    )

    assert json.loads(refreshed)["tokenType"] == "Bearer"
    assert json.loads(renamed)["name"] == "Further away"
    assert json.loads(created)["name"] == "Brave things"
    assert json.loads(filtered)["count"] == 0
    assert '"count":1,' in tagged
    assert all(part in told for part in ('"completes":true', '"itemName":"Read two long books"', '"count":1,'))
    assert shown == "image/jpeg"
    assert '"kind":"item"' in restored
    assert '"action":"created"' in changed
    assert json.loads(replayed) == json.loads(created)


def read_commands(live_server: LiveServer, path: str) -> list[str]:
    """All commands of a page, in their order; examples of answers are left out."""
    with urllib.request.urlopen(live_server.url + path) as page:
        blocks = read_page(page.read().decode()).code
    return [block for block in blocks if not block.startswith("{")]


def type_into_a_shell(commands: list[str]) -> list[str]:
    """What each of the commands prints; they run in one shell."""
    typed = "\necho; echo -----\n".join(commands)
    printed = subprocess.run(
        ["sh", "-eu", "-c", typed], capture_output=True, text=True, timeout=LONG, check=True
    ).stdout
    return [answer.strip() for answer in printed.split("-----\n")]
