"""Smoke test of a server before its benchmark: does it do the work? Each must pass this before it is measured."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bench.client import Client
from bench.ours import issue_token
from bench.postgres import Postgres
from bench.seed import ADD_SESSION, FAR_AHEAD, LONG_AGO, RENEW_ITEM
from bench.world import ITEMS_OF_A_USER, PASSWORD, Item, World, email, session_id, user_id
from bucketlist.kit.ids import new_id

PAGE = 25
NEW_NAME = "Räum den Keller auf 100 %"
Check = Callable[["Checked"], None]


@dataclass
class Checked:
    """A server under the check, and a person who asks it."""

    port: int
    postgres: Postgres
    world: World
    user: int = 0
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(self.port, issue_token(self.user))

    @property
    def items(self) -> list[Item]:
        """All that the person has."""
        first = self.user * ITEMS_OF_A_USER
        return [self.world.item(number) for number in range(first, first + ITEMS_OF_A_USER)]

    def item_path(self, place: int = 0, user: int | None = None) -> str:
        owner = self.user if user is None else user
        return f"/v1/items/{self.world.item(owner * ITEMS_OF_A_USER + place).id}"

    @property
    def bucket_path(self) -> str:
        return f"/v1/buckets/{self.world.bucket(self.user * self.world.buckets_of_a_user).id}"

    def run(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.postgres.connect(self.world.name) as connection:
            cursor = connection.execute(sql.encode(), values)
            return cursor.fetchall() if cursor.description else []


def expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} instead of {wanted!r}")


def refused(it: Checked, token: str | None, what: str) -> None:
    expect(Client(it.port, token).get(it.item_path()).status, 401, what)


def check_signature(it: Checked) -> None:
    head, payload, signature = issue_token(it.user).split(".")
    wrong = signature[:-4] + ("AAAA" if not signature.endswith("AAAA") else "BBBB")
    refused(it, f"{head}.{payload}.{wrong}", "a wrong signature")
    refused(it, None, "no token")


def check_expiry(it: Checked) -> None:
    refused(it, issue_token(it.user, lifetime_seconds=-60), "an expired token")


def check_revocation(it: Checked) -> None:
    token_id = new_id()
    token = issue_token(it.user, token_id=token_id)
    expect(Client(it.port, token).get(it.item_path()).status, 200, "a token before it is revoked")
    blacklist = "INSERT INTO blacklisted_tokens (user_id, id, expires_at) VALUES (%s, %s, %s)"
    it.run(blacklist, user_id(it.user), token_id, FAR_AHEAD)
    refused(it, token, "a token on the blacklist")
    expect(it.client.get(it.item_path()).status, 200, "another token of the same person")
    with session_ended(it):
        refused(it, it.client.token, "a token of a session that has ended")


@contextmanager
def session_ended(it: Checked) -> Iterator[None]:
    it.run("DELETE FROM sessions WHERE user_id = %s AND id = %s", user_id(it.user), session_id(it.user))
    try:
        yield
    finally:
        it.run(ADD_SESSION, user_id(it.user), session_id(it.user), LONG_AGO, LONG_AGO, FAR_AHEAD)


def check_ownership(it: Checked) -> None:
    stranger = it.user + 1
    bucket = f"/v1/buckets/{it.world.bucket(stranger * it.world.buckets_of_a_user).id}/items"
    expect(it.client.get(it.item_path(user=stranger)).status, 404, "another's item")
    expect(it.client.get(f"/v1/items/{new_id()}").status, 404, "no item")
    expect(it.client.get(bucket).status, 404, "another's bucket")
    expect(it.client.ask("POST", bucket, {"name": "x"}).status, 404, "creating in another's bucket")
    expect(it.client.ask("PATCH", it.item_path(user=stranger), {"name": "x"}).status, 404, "changing another's item")


def check_item(it: Checked) -> None:
    for place in (0, 61, 99):
        expect_item(it, it.client.get(it.item_path(place)).body, it.items[place])


def expect_item(it: Checked, found: dict[str, Any], item: Item) -> None:
    wanted = {
        "id": item.id,
        "bucketId": it.world.bucket(item.bucket).id,
        "name": item.name,
        "description": item.description,
        "state": item.state,
        "position": item.position,
    }
    expect({name: found[name] for name in wanted}, wanted, "an item")
    for name in ("createdAt", "modifiedAt"):
        expect(moment(found[name]), moment(LONG_AGO), name)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def check_creation(it: Checked) -> None:
    path = f"{it.bucket_path}/items"
    answer = it.client.ask("POST", path, {"name": NEW_NAME})
    expect(answer.status, 201, "creating")
    row = it.run("SELECT name, name_folded, position, state, version > 0 FROM items WHERE id = %s", answer.body["id"])
    folded = NEW_NAME.casefold()
    expect(row, [(NEW_NAME, folded, it.world.main_items + 1, "open", True)], "the row that was created")
    expect(it.client.get(f"/v1/items/{answer.body['id']}").body["name"], NEW_NAME, "its name")
    expect(it.client.ask("POST", path, {"name": ""}).status in (400, 422), True, "an empty name is refused")
    it.run("DELETE FROM items WHERE id = %s AND user_id = %s", answer.body["id"], user_id(it.user))


def check_change(it: Checked) -> None:
    item = it.items[3]
    answer = it.client.ask("PATCH", it.item_path(3), {"name": NEW_NAME})
    expect((answer.status, answer.body["name"]), (200, NEW_NAME), "changing")
    row = it.run("SELECT name, name_folded, modified_at > created_at, version > 1 FROM items WHERE id = %s", item.id)
    expect(row, [(NEW_NAME, NEW_NAME.casefold(), True, True)], "the row that was changed")
    it.run(RENEW_ITEM, item.name, item.name.casefold(), user_id(it.user), item.id)


def check_items(it: Checked) -> None:
    path: str | None = f"{it.bucket_path}/items?limit={PAGE}"
    seen = 0
    while path is not None:
        page = it.client.get(path).body
        expect(page["count"], it.world.main_items, "the count of a list")
        expect(len(page["items"]), min(PAGE, it.world.main_items - seen), "rows on a page")
        for found in page["items"]:
            expect_item(it, found, it.items[seen])
            seen += 1
        path = page["next"]
    expect(seen, it.world.main_items, "rows on all pages")


def check_buckets(it: Checked) -> None:
    page = it.client.get(f"/v1/buckets?limit={PAGE}").body
    amount = it.world.buckets_of_a_user
    expect((page["count"], len(page["buckets"])), (amount, min(PAGE, amount)), "the count of buckets")
    for place, bucket in enumerate(page["buckets"]):
        number = it.user * amount + place
        states = [item.state for item in it.items if item.bucket == number]
        wanted = (it.world.bucket(number).id, place + 1, len(states), states.count("done"))
        expect((bucket["id"], bucket["position"], bucket["itemCount"], bucket["doneCount"]), wanted, "a bucket")


def check_search(it: Checked) -> None:
    for words, typed in (("LISBON", "LISBON"), ("100 %", "100%20%25"), ("tromsø", "TROMS%C3%98"), ("_", "_")):
        wanted = {
            item.id
            for item in it.items
            if words.casefold() in item.name.casefold() or words.casefold() in (item.description or "").casefold()
        }
        page = it.client.get(f"/v1/items?q={typed}&limit=100").body
        expect((page["count"], {item["id"] for item in page["items"]}), (len(wanted), wanted), f"search for {words}")


def check_login(it: Checked) -> None:
    right = {"email": email(it.user), "password": PASSWORD}
    answer = it.client.ask("POST", "/v1/auth/login", right)
    expect(answer.status, 200, "login")
    expect(Client(it.port, answer.body["accessToken"]).get(it.item_path()).status, 200, "the token of a login")
    expect(
        it.client.ask("POST", "/v1/auth/login", right | {"password": PASSWORD + "r"}).status, 401, "a wrong password"
    )


CHECKS: tuple[Check, ...] = (
    check_signature,
    check_expiry,
    check_revocation,
    check_ownership,
    check_item,
    check_creation,
    check_change,
    check_items,
    check_buckets,
    check_search,
    check_login,
)


def failures(port: int, postgres: Postgres, world: World) -> list[str]:
    """What the server on this port does not do as it should."""
    found = []
    for check in CHECKS:
        try:
            check(Checked(port, postgres, world))
        except (AssertionError, KeyError, TypeError) as error:
            found.append(f"{check.__name__}: {error!r}")
    return found
