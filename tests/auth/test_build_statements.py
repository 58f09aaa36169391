"""Statement builders: what they make is about rows of the owner, and done for whoever has an active session."""

from typing import Any

import pytest
from sqlalchemy import bindparam, select

from bucketlist.auth import access, statements
from bucketlist.auth.actor import Actor
from bucketlist.buckets import service as buckets_service
from bucketlist.kit.db.database import Statement, Together, execute
from bucketlist.kit.errors import Unauthorized
from bucketlist.kit.etags import Preconditions
from bucketlist.kit.ids import new_id
from bucketlist.kit.paging import Order
from bucketlist.models import buckets
from bucketlist.sessions import lifecycle_queries
from tests import citus
from tests.people import Person

KEY = bindparam("key", type_=buckets.c.id.type)
COLUMNS = [buckets.c.id, buckets.c.name, buckets.c.version]
TEXTS = statements.given(buckets, "name", "name_folded", "description", "description_folded")

ONE = statements.one(buckets, COLUMNS, KEY)
TAKEN = statements.key_taken(buckets, KEY)
ADD = statements.add(buckets, {"id": KEY, **TEXTS, "position": statements.next_position(buckets)})
CHANGE = statements.change(buckets, KEY, TEXTS)
REMOVE = statements.remove(buckets, KEY)
LISTED = Statement(
    statements.listed(
        buckets, select(*COLUMNS), lambda row: [row.c.id, row.c.name], Order("name", is_descending=False), "first"
    )
)


def run(statement: Statement | Together, actor: Actor, key: str, **more: Any) -> list[Any]:
    """The rows that it gives; at the time, with the texts and for the version that are usual here."""
    usual = {"key": key, "seen_version": 1, "limit": 9, **statements.texts("Far away", None)}
    return [tuple(row) for row in execute(statement, access.values(actor, **{**usual, **more}))]


def end_session(person: Person) -> None:
    lifecycle_queries.end_session(person.id, person.actor.session_id)


@pytest.fixture
def key(ada: Person) -> str:
    """Of a row of Ada's, at version 1."""
    made = new_id()
    assert run(ADD, ada.actor, made) == [(1, 1)]
    return made


def test_a_row_is_found_by_its_owner_only(ada: Person, ben: Person, key: str) -> None:
    found = [statements.find(ONE, person.actor, key=key) for person in (ada, ben)]

    assert [row and tuple(row) for row in found] == [(key, "Far away", 1), None]


def test_a_key_is_taken_among_the_rows_of_an_owner(ada: Person, ben: Person, key: str) -> None:
    assert statements.find(TAKEN, ada.actor, key=key) is not None
    assert statements.find(TAKEN, ben.actor, key=key) is None
    assert [run(ADD, person.actor, key) for person in (ada, ben)] == [[], [(1, 1)]]


def test_a_row_is_added_behind_all_that_the_owner_has(ada: Person, ben: Person, key: str) -> None:
    assert [run(ADD, person.actor, new_id()) for person in (ada, ada, ben)] == [[(2, 2)], [(3, 3)], [(1, 1)]]


@pytest.mark.parametrize("statement", [CHANGE, REMOVE])
def test_a_row_is_changed_by_its_owner_and_as_it_was_seen(
    ada: Person, ben: Person, key: str, statement: Statement | Together
) -> None:
    assert run(statement, ben.actor, key) == []
    assert run(statement, ada.actor, new_id()) == []
    assert run(statement, ada.actor, key, seen_version=2) == []
    assert [row[0] for row in run(statement, ada.actor, key)] == [key]
    assert run(statement, ada.actor, key) == []  # it is at another version, or gone


def test_a_change_moves_the_version_and_what_is_given_only(ada: Person, key: str) -> None:
    run(CHANGE, ada.actor, key, **statements.texts("Further away", None))

    assert run(ONE, ada.actor, key) == [(key, "Further away", 2)]


@pytest.mark.parametrize("statement", [ADD, CHANGE, REMOVE])
def test_nothing_is_written_for_whom_no_session_is_active(
    ada: Person, key: str, statement: Statement | Together
) -> None:
    end_session(ada)

    assert run(statement, ada.actor, new_id() if statement is ADD else key) == []


@pytest.mark.parametrize("statement", [ONE, TAKEN, LISTED])
def test_without_an_active_session_there_is_not_even_a_row_of_nulls(
    ada: Person, key: str, statement: Statement
) -> None:
    end_session(ada)

    assert run(statement, ada.actor, key) == []
    with pytest.raises(Unauthorized):
        statements.find(statement, ada.actor, key=key, limit=9)


def test_what_lies_in_the_trash_is_there_for_nobody_but_keeps_its_key(ada: Person, key: str) -> None:
    assert buckets_service.delete_bucket(ada.actor, key, Preconditions())

    assert statements.find(ONE, ada.actor, key=key) is None
    assert [run(statement, ada.actor, key) for statement in (CHANGE, REMOVE)] == [[], []]
    assert run(LISTED, ada.actor, key) == [(None, None, 0, None)]
    assert statements.find(TAKEN, ada.actor, key=key) is not None


def test_a_list_holds_the_rows_of_the_owner_with_their_count(ada: Person, ben: Person, key: str) -> None:
    other = new_id()
    run(ADD, ada.actor, other, **statements.texts("Along the coast", None))

    rows = [(other, "Along the coast", 2, "along the coast"), (key, "Far away", 2, "far away")]
    assert run(LISTED, ada.actor, key) == rows
    assert run(LISTED, ben.actor, key) == [(None, None, 0, None)]


@citus.asks_of_another
def test_who_asks_is_told_from_whose_row_it_is(ada: Person, ben: Person, key: str) -> None:
    """As sharing will need it: Ben asks, the rows are Ada's. It takes Ben's session, not Ada's."""
    end_session(ada)
    added = new_id()

    assert run(ONE, ben.actor, key, owner_id=ada.id) == [(key, "Far away", 1)]
    assert run(ADD, ben.actor, added, owner_id=ada.id) == [(2, 2)]
    assert run(LISTED, ben.actor, key, owner_id=ada.id)[0][2] == 2
    assert run(CHANGE, ben.actor, key, owner_id=ada.id) == [(key, 3)]
    assert run(REMOVE, ben.actor, added, owner_id=ada.id, seen_version=2) == [(added,)]
