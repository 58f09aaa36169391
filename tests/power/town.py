"""Database for crash recovery with the people who will write to it, and what is found there afterwards."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select

from bucketlist.app import create_app
from bucketlist.auth.actor import Actor
from bucketlist.auth.tokens import ACCESS_SECONDS, AccessTokens
from bucketlist.backup import checks
from bucketlist.backup.verify import check_directory
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.migrations import runner
from bucketlist.models import items, metadata, users
from bucketlist.services import services_of
from tests.people import PASSWORD, Person, make_person
from tests.power.crowd import Counts, Found, Leaver, Refresher, Worker, Writer
from tests.raw_database import open_database

WRITERS = 3
LEAVERS_A_CUT = 8  # more than get away in half a second, as each proves to know the password


@dataclass
class Town:
    """The settings of its database, and its people."""

    settings: Settings
    tokens: AccessTokens
    writers: list[tuple[Writer, Actor]]
    refresher: Refresher
    leaver: Leaver
    actors: dict[str, Actor]  # of those who leave

    @property
    def workers(self) -> list[Worker]:
        return [*(writer for writer, _ in self.writers), self.refresher, self.leaver]

    def issue_tokens(self) -> None:
        """New access tokens, for a burst can come long after the last."""
        now = int(time.time())
        for writer, actor in self.writers:
            writer.token = self.tokens.issue(replace(actor, expires_at=now + ACCESS_SECONDS))
        for user_id in self.leaver.staying:
            actor = replace(self.actors[user_id], expires_at=now + ACCESS_SECONDS)
            self.leaver.staying[user_id] = self.tokens.issue(actor)

    def find_lost(self, settings: Settings) -> list[str]:
        """What was acknowledged and is not in the database of `settings`."""
        with open_database(settings) as connection:
            found = find(connection)
        return [sentence for worker in self.workers for sentence in worker.find_lost(found)]


def find_damage(settings: Settings) -> list[str]:
    """The file is whole, and nothing refers to nothing."""
    with open_database(settings) as connection:
        found = [*checks.find_damage(connection), *checks.find_broken_rules(connection)]
        return [*found, *check_directory(connection, is_folding_asked=True)]


def find(connection: Connection) -> Found:
    kept = select(items.c.id, items.c.name).where(items.c.trash_id.is_(None))
    names = {str(item_id): str(name) for item_id, name in connection.execute(kept)}
    counts: dict[str, Counts] = defaultdict(dict)
    for table in metadata.sorted_tables:
        owner = users.c.id if table is users else table.columns.get("user_id")
        if owner is not None:
            for user_id, count in connection.execute(select(owner, func.count()).select_from(table).group_by(owner)):
                counts[str(user_id)][table.name] = count
    return Found(names, dict(counts))


@contextmanager
def at_work(settings: Settings) -> Iterator[ApiApp]:
    """The application in this process, to make people with; afterwards nobody has the database open."""
    app = create_app(settings)
    with services_of(app).at_work():
        yield app
    database = services_of(app).database
    database.pool.close()


def settle(settings: Settings, cuts: int) -> Town:
    """A new database with enough people for so many cuts."""
    runner.upgrade(settings)
    with at_work(settings) as app:
        people = [make_person(app, f"writer{number}@example.com") for number in range(WRITERS)]
        writers = [(Writer(person.make_bucket()["id"], ""), person.actor) for person in people]
        refresher = make_person(app, "refresher@example.com")
        signed_in = app.test_client().post("/v1/auth/login", json={"email": refresher.email, "password": PASSWORD})
        leavers = [make_leaver(app, number) for number in range(cuts * LEAVERS_A_CUT)]
        tokens = services_of(app).access_tokens
    town = Town(
        settings,
        tokens,
        writers,
        Refresher(refresher.email, signed_in.get_json()["refreshToken"]),
        Leaver({leaver.id: "" for leaver in leavers}, {}),
        {leaver.id: leaver.actor for leaver in leavers},
    )
    with open_database(settings) as connection:
        town.leaver.has = find(connection).counts[leavers[0].id]
    return town


def make_leaver(app: ApiApp, number: int) -> Person:
    """Somebody with two buckets and three items."""
    leaver = make_person(app, f"leaver{number}@example.com")
    leaver.make_bucket()
    bucket = leaver.make_bucket("Near")
    for place in range(3):
        leaver.make_item(bucket["id"], f"item {place}")
    return leaver
