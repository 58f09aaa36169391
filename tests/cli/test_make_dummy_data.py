"""Dummy data: believable people, a sign-in that works, the same again for the same seed."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from bucketlist.cli.dummy import make_dummy_data
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import buckets, items, users
from tests.cli.conftest import Command
from tests.commands import succeed
from tests.patience import LONG
from tests.servers import environment

SMALL = ("--buckets", "3", "--items", "7")
COUNTS = Statement(
    select(*(select(func.count()).select_from(table).scalar_subquery() for table in (users, buckets, items)))
)


def counts() -> tuple[int, int, int]:
    """How many users, buckets and items there are."""
    return tuple(execute(COUNTS, {})[0])


def sign_in(client: FlaskClient, line: str) -> dict[str, str]:
    """The headers of whoever signs in with a line that was printed."""
    email, _, password = line.partition("  ")
    session = client.post("/v1/auth/login", json={"email": email, "password": password})
    assert session.status_code == 200, session.text
    return {"Authorization": f"Bearer {session.get_json()['accessToken']}"}


def wishes(client: FlaskClient, line: str) -> list[tuple[Any, ...]]:
    """The items of a sign-in, but for their ids and times."""
    page = client.get("/v1/items?limit=100&archived=any", headers=sign_in(client, line)).get_json()
    told = (
        "name",
        "description",
        "state",
        "droppedReason",
        "target",
        "times",
        "place",
        "tags",
        "steps",
        "links",
        "position",
    )
    return [tuple(item[name] for name in told) for item in page["items"]]


def test_without_options_it_is_one_user_with_100_buckets_and_1000_items(
    bucketlist: Command, client: FlaskClient
) -> None:
    (line,) = bucketlist("dummy").splitlines()

    assert counts() == (1, 100, 1000)
    found = client.get("/v1/buckets?limit=100&archived=any", headers=sign_in(client, line)).get_json()
    assert [bucket["itemCount"] for bucket in found["buckets"]] == [10] * 100
    assert sum(bucket["archived"] for bucket in found["buckets"]) == 10


def test_all_items_find_a_bucket_when_they_cannot_be_shared_out_evenly(bucketlist: Command, app: ApiApp) -> None:
    bucketlist("dummy", "--users", "2", *SMALL)

    assert counts() == (2, 6, 14)


def test_the_wishes_are_believable(bucketlist: Command, client: FlaskClient) -> None:
    (line,) = bucketlist("dummy", "--buckets", "1", "--items", "40").splitlines()

    found = wishes(client, line)
    assert not [name for name, *_ in found if "{" in name]
    assert len({name for name, *_ in found}) > 30
    assert {state for _, _, state, *_ in found} == {"open", "doing", "done", "dropped"}
    assert all(len({str(values[place]) for values in found}) > 1 for place in range(len(found[0])))


def stories(client: FlaskClient, line: str) -> list[tuple[Any, ...]]:
    """The entries of a sign-in, but for their ids and times; of the last hundred by date."""
    page = client.get("/v1/entries?limit=100", headers=sign_in(client, line)).get_json()
    told = ("itemName", "completes", "title", "date", "story", "people", "place", "rating")
    return sorted((tuple(entry[name] for name in told) for entry in page["entries"]), key=str)


def test_the_stories_are_those_of_a_life(bucketlist: Command, client: FlaskClient) -> None:
    (line,) = bucketlist("dummy", "--buckets", "1", "--items", "80").splitlines()

    found = stories(client, line)

    assert len(found) > 30
    assert all(len({str(values[place]) for values in found}) > 1 for place in range(len(found[0])))
    assert {date[:3] for *_, date, _, _, _, _ in found if date} == {"199", "200", "201", "202"}
    assert any("海" > story[0] > "ぁ" for *_, story, _, _, _ in found)


def photos_of(client: FlaskClient, line: str) -> list[Any]:
    photos: list[Any] = client.get("/v1/photos?limit=100", headers=sign_in(client, line)).get_json()["photos"]
    return photos


def test_photos_are_drawn_for_some_of_the_stories_the_same_for_the_same_seed(
    bucketlist: Command, client: FlaskClient
) -> None:
    wanted = ("dummy", "--buckets", "3", "--items", "60", "--photos", "12")
    lines = [bucketlist(*wanted, "--seed", seed) for seed in ("7", "7", "8")]

    first, again, other = (photos_of(client, line.strip()) for line in lines)

    drawn = [[photo["sha256"] for photo in photos] for photos in (first, again, other)]
    assert (len(first), sorted(drawn[0])) == (12, sorted(drawn[1]))
    assert set(drawn[0]).isdisjoint(drawn[2])
    assert {photo["entryId"] is None for photo in first} == {True, False}
    assert any(photo["takenAt"] for photo in first)
    assert max(photo["bytes"] for photo in first) < 64 * 1024
    assert bucketlist("verify")


def test_the_same_seed_makes_the_same_and_another_makes_others(
    bucketlist: Command, client: FlaskClient, ada: object
) -> None:
    (seventh,) = bucketlist("dummy", *SMALL, "--seed", "7").splitlines()
    (eighth,) = bucketlist("dummy", *SMALL, "--seed", "8").splitlines()
    before = wishes(client, seventh), stories(client, seventh)
    bucketlist("user", "delete", seventh.partition("  ")[0], "--yes")

    (again,) = bucketlist("dummy", *SMALL, "--seed", "7").splitlines()

    assert again == seventh
    assert (wishes(client, again), stories(client, again)) == before
    assert wishes(client, eighth) != before[0]


def test_it_can_be_run_twice(bucketlist: Command, client: FlaskClient) -> None:
    first = bucketlist("dummy", *SMALL)

    second = bucketlist("dummy", *SMALL)

    assert first != second
    assert counts() == (2, 6, 14)
    assert wishes(client, second.strip())


def test_only_the_sign_in_goes_to_standard_output(bucketlist: Command, app: ApiApp) -> None:
    (line,) = bucketlist("dummy", *SMALL).splitlines()

    assert line.count("@example.com  ") == 1


@pytest.mark.slow
def test_somebody_at_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    succeed(tmp_path, "db", "upgrade", **environment(tmp_path))
    terminal, end = pty.openpty()

    subprocess.run(
        [sys.executable, "-m", "bucketlist", "dummy", *SMALL],
        cwd=tmp_path,
        env=environment(tmp_path, TERM="xterm-256color", COLUMNS="80"),
        stdout=subprocess.DEVNULL,
        stderr=end,
        timeout=LONG,
        check=True,
    )

    os.close(end)
    seen = os.read(terminal, 65536).decode()
    os.close(terminal)
    assert "Making up wishes" in seen
    assert "100%" in seen
    assert "\x1b[" in seen


def test_somebody_who_interrupts_it_finds_nobody_half_made(app: ApiApp) -> None:
    def make_until_interrupted() -> None:
        for number, _ in enumerate(make_dummy_data(3, 4, 8, seed=1)):
            if number == 20:  # the second person has some of the buckets
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_until_interrupted()

    assert counts() == (1, 4, 8)
