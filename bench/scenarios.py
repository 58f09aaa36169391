"""Benchmark scenarios: random people with their own tokens, random ids; the same requests for every server."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple
from urllib.parse import quote

from bench.client import Client
from bench.world import CHECKED_USERS, ITEMS_OF_A_USER, PASSWORD, PLACES, TAGS, World, email

REQUESTS = 20_000  # different ones a scenario; a run goes round and round in them
COUNTER = "#########"  # in a body: replaced by a number that is another one each time
PAGE = 25
COLLECTORS_WALKED = 2
DEPTH = 0.5  # pages of the deeper half count as deep


class Request(NamedTuple):
    method: str
    path: str
    token: str | None = None
    body: str | None = None


class DeepPage(NamedTuple):
    """A page and whose it is; tokens change while a page stays where it is."""

    user: int
    path: str


@dataclass(frozen=True)
class Chance:
    """Draws people and what they own."""

    world: World
    tokens: list[str]
    random: Random

    def item(self) -> tuple[str, str]:
        """The id of an item, and its owner's token."""
        user = self.user()
        item = self.world.item(user * ITEMS_OF_A_USER + self.random.randrange(ITEMS_OF_A_USER))
        return item.id, self.tokens[user]

    def bucket(self) -> tuple[str, str]:
        """The id of any bucket, and its owner's token."""
        user, amount = self.user(), self.world.buckets_of_a_user
        return self.world.bucket(user * amount + self.random.randrange(amount)).id, self.tokens[user]

    def main_bucket(self) -> tuple[str, str]:
        """The id of a bucket that is filled, and its owner's token."""
        user = self.user()
        return self.world.bucket(user * self.world.buckets_of_a_user).id, self.tokens[user]

    def user(self) -> int:
        return self.random.randrange(CHECKED_USERS, self.world.users)


def read_item(chance: Chance) -> Request:
    item_id, token = chance.item()
    return Request("GET", f"/v1/items/{item_id}", token)


def list_items(chance: Chance) -> Request:
    bucket_id, token = chance.main_bucket()
    return Request("GET", f"/v1/buckets/{bucket_id}/items?limit={PAGE}", token)


def list_buckets(chance: Chance) -> Request:
    return Request("GET", f"/v1/buckets?limit={PAGE}", chance.tokens[chance.user()])


def list_one_bucket(chance: Chance) -> Request:
    return Request("GET", "/v1/buckets?limit=1", chance.tokens[chance.user()])


def search(chance: Chance) -> Request:
    words = quote(chance.random.choice(PLACES).upper())
    return Request("GET", f"/v1/items?q={words}&limit={PAGE}", chance.tokens[chance.user()])


def filter_items(chance: Chance) -> Request:
    """All that a list can be asked for at once."""
    words, tag = (quote(chance.random.choice(some)) for some in (PLACES, TAGS))
    query = f"state=open&tag={tag}&q={words}&sort=target&limit={PAGE}"
    return Request("GET", f"/v1/items?{query}", chance.tokens[chance.user()])


def add_item(chance: Chance) -> Request:
    bucket_id, token = chance.bucket()
    return Request("POST", f"/v1/buckets/{bucket_id}/items", token, json.dumps({"name": f"Wish {COUNTER}"}))


def change_item(chance: Chance) -> Request:
    item_id, token = chance.item()
    return Request("PATCH", f"/v1/items/{item_id}", token, json.dumps({"name": f"Changed {COUNTER}"}))


def read_journal(chance: Chance) -> Request:
    return Request("GET", f"/v1/entries?limit={PAGE}", chance.tokens[chance.user()])


def search_journal(chance: Chance) -> Request:
    words = quote(chance.random.choice(PLACES).upper())
    query = f"q={words}&completes=true&dateAfter=1999&limit={PAGE}"
    return Request("GET", f"/v1/entries?{query}", chance.tokens[chance.user()])


def add_note(chance: Chance) -> Request:
    item_id, token = chance.item()
    body = {"completes": False, "story": f"Bought the ticket {COUNTER}.", "date": "2026-11"}
    return Request("POST", f"/v1/items/{item_id}/entries", token, json.dumps(body))


def log_in(chance: Chance) -> Request:
    body = {"email": email(chance.user()), "password": PASSWORD}
    return Request("POST", "/v1/auth/login", None, json.dumps(body))


def hello(_chance: Chance) -> Request:
    return Request("GET", "/")


@dataclass(frozen=True)
class Scenario:
    """One kind of question. `connections` ask it at once; the database is tidied after one that `writes`."""

    key: str
    title: str
    ask: Callable[[Chance], Request] | None
    connections: int = 32
    writes: bool = False

    def requests(self, world: World, tokens: list[str], port: int, amount: int = REQUESTS) -> list[Request]:
        """The same ones for every server, but for deep pages: each server says itself where they are."""
        if self.ask is None:
            return ask_deep_pages(find_deep_pages(world, tokens, port), tokens)
        chance = Chance(world, tokens, Random(self.key))
        return [self.ask(chance) for _ in range(amount)]


def find_deep_pages(world: World, tokens: list[str], port: int) -> list[DeepPage]:
    """The deeper half of the pages of some large buckets, found by following `next` as a client would."""
    found: list[DeepPage] = []
    for user in range(world.users, world.users + min(world.collectors, COLLECTORS_WALKED)):
        client = Client(port, tokens[user])
        bucket = world.bucket(world.buckets + user - world.users)
        path: str | None = f"/v1/buckets/{bucket.id}/items?limit={PAGE}"
        pages = []
        while path is not None:
            pages.append(DeepPage(user, path))
            path = client.get(path).body["next"]
        found += pages[int(len(pages) * DEPTH) :]
    Random(0).shuffle(found)
    return found


def ask_deep_pages(pages: list[DeepPage], tokens: list[str]) -> list[Request]:
    return [Request("GET", page.path, tokens[page.user]) for page in pages]


READ = Scenario("get", "get one", read_item)
LIST = Scenario("list", "list 25 items", list_items)
BUCKETS = Scenario("buckets", "list buckets", list_buckets)
ONE_BUCKET = Scenario("one_bucket", "list one bucket", list_one_bucket)
SEARCH = Scenario("search", "search", search)
FILTER = Scenario("filter", "filter, search and sort", filter_items)
JOURNAL = Scenario("journal", "list 25 entries", read_journal)
SEARCH_JOURNAL = Scenario("search_journal", "filter and search entries", search_journal)
NOTE = Scenario("note", "add an entry", add_note, writes=True)
CREATE = Scenario("create", "create", add_item, writes=True)
CHANGE = Scenario("change", "change", change_item, writes=True)
DEEP = Scenario("deep", "a deep page", None)
FEED = Scenario("feed", "a page of changes", None)
LOGIN = Scenario("login", "login", log_in, connections=4, writes=True)
HELLO = Scenario("get", "hello", hello)
ALL = (READ, LIST, BUCKETS, SEARCH, CREATE, CHANGE, DEEP, LOGIN)
