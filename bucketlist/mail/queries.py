"""SQL queries of the outbox. The one that looks for what is due looks at everybody's: it is nobody's request."""

from typing import NamedTuple

from sqlalchemy import bindparam, case, delete, exists, literal, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth import access
from bucketlist.auth.access import OWNER, of_owner, owned
from bucketlist.kit.db.database import Statement, execute, find_one
from bucketlist.models import outbox, users


class Letter(NamedTuple):
    """One that is due."""

    user_id: str
    id: str
    kind: str
    email: str
    seed: str | None
    tries: int  # with the one that has been claimed
    given_up_at: str
    created_at: str


_TURN = case({"reset": 0, "confirm": 1}, value=outbox.c.kind, else_=2)  # somebody waits for a link
_THIS = access.owned(outbox) & (outbox.c.id == bindparam("id"))
_IS_DUE = outbox.c.next_try_at <= bindparam("now")
_IS_MINE = _THIS & (outbox.c.tries == bindparam("tries"))  # nobody has claimed it since

FIRST_DUE = Statement(
    select(outbox.c.user_id, outbox.c.id)
    .where(_IS_DUE)
    .order_by(_TURN, outbox.c.tries, outbox.c.next_try_at)  # who was refused before waits for who was not
    .limit(1)
)
CLAIM = Statement(
    update(outbox)
    .where(_THIS, _IS_DUE)
    .values(tries=outbox.c.tries + 1, next_try_at=bindparam("lease_ends_at"))
    .returning(*(outbox.c[name] for name in Letter._fields))
)
TRY_AGAIN = Statement(update(outbox).where(_IS_MINE).values(next_try_at=bindparam("next_try_at")))
REMOVE = Statement(delete(outbox).where(_THIS))


def claim_letter(now: str, lease_ends_at: str) -> Letter | None:
    """One that is due, which until the lease ends nobody else gets; or None. Links go first.

    Optimistic locking: nothing is locked between the look and the claim, and whoever finds that another worker was
    faster looks again. Each time one letter less is due, so that it ends.
    """
    while first := find_one(FIRST_DUE, {"now": now}):
        user_id, letter_id = first
        row = find_one(CLAIM, of_owner(user_id, id=letter_id, now=now, lease_ends_at=lease_ends_at))
        if row:
            return Letter._make(row)
    return None


def try_again(letter: Letter, next_try_at: str) -> None:
    values = of_owner(letter.user_id, id=letter.id, tries=letter.tries, next_try_at=next_try_at)
    execute(TRY_AGAIN, values)


def remove_letter(letter: Letter) -> None:
    execute(REMOVE, of_owner(letter.user_id, id=letter.id))


_LETTER = ("user_id", "id", "kind", "email", "seed", "tries", "next_try_at", "given_up_at", "created_at")

_WAITS_ALREADY = exists().where(  # the same notice, which nobody has tried to send: it tells of this as well
    owned(outbox),
    outbox.c.kind == bindparam("kind"),
    outbox.c.email == bindparam("email"),
    outbox.c.seed.is_(None),
    outbox.c.tries == 0,
)

MOST_LETTERS = 100  # of one kind to one person: the first that wait tell it, not the last

_IS_FULL = (
    select(outbox.c.id)
    .where(owned(outbox), outbox.c.kind == bindparam("kind"))
    .limit(1)
    .offset(literal_column(str(MOST_LETTERS - 1)))
    .exists()
)

ADD_LETTER = Statement(  # none for whom there is no account, so that both take the same statements
    insert(outbox).from_select(
        _LETTER,
        select(
            users.c.id,
            bindparam("id", type_=outbox.c.id.type),
            *(bindparam(name, type_=outbox.c[name].type) for name in ("kind", "email", "seed")),
            literal(0, outbox.c.tries.type),
            bindparam("now", type_=outbox.c.created_at.type),
            bindparam("given_up_at", type_=outbox.c.given_up_at.type),
            bindparam("now", type_=outbox.c.created_at.type),
        ).where(users.c.id == OWNER, ~_WAITS_ALREADY, ~_IS_FULL),
    )
)


def add_letter(user_id: str, letter_id: str, kind: str, email: str, seed: str | None, times: tuple[str, str]) -> None:
    """Nothing when there is no such user. `times`: now, and when it is given up."""
    now, given_up_at = times
    values = of_owner(user_id, id=letter_id, kind=kind, email=email, seed=seed, now=now, given_up_at=given_up_at)
    execute(ADD_LETTER, values)
