"""Seed data of the benchmark: people and what they own, a pure function of a few numbers, alike on every machine.

Everybody has one bucket that is filled and some that hardly are, as people do. A few collectors come on top: one
bucket with 10,000 items each, for pages that lie deep. Whatever there is can be named by its number, so no file of
ids is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

BASE_MS = 1_735_689_600_000  # 2025-01-01: before every row that a measurement makes
ITEMS_OF_A_USER = 100
ITEMS_OF_A_SITTING = 5  # 100 items have 20 places in the table, however many people write between two sittings
MAIN_ITEMS = 60  # of them in the first bucket
COLLECTION = 10_000
CHECKED_USERS = 2  # the check asks for the first ones, so no load touches what is theirs
PASSWORD = "correct horse battery staple"
ACTIONS = [
    "Swim in",
    "Walk around",
    "Sleep under the stars near",
    "Learn to cook in",
    "Photograph",
    "Paint",
    "Cycle to",
]
ACTIONS += ["Spend a winter in", "Sing in", "Run a marathon in", "Take the night train to", "Write a story about"]
PLACES = [
    "Lisbon",
    "Reykjavík",
    "Samarkand",
    "Kyōto",
    "the Faroe Islands",
    "Valparaíso",
    "Zanzibar",
    "Tromsø",
    "Hội An",
]
PLACES += [
    "Ushuaia",
    "the Okavango",
    "Lake Baikal",
    "Patagonia",
    "Marrakesh",
    "Petra",
    "Luang Prabang",
    "the Dolomites",
]
PLACES += ["Svalbard", "Istanbul", "Madagascar", "the Azores", "Cappadocia", "Bhutan", "Galápagos", "Skye", "Odessa"]
TAGS = ("with Nora", "winter", "cheap", "one day")
FIRST_YEAR, YEARS = 2030, 40  # of targets
NOTES = ("Not in winter.", "Ask Nora first: she has been there twice.", "With the *good* camera.", "100 % worth it")


class Bucket(NamedTuple):
    number: int
    user: int
    id: str
    name: str
    position: int


class Item(NamedTuple):
    number: int
    user: int
    bucket: int
    id: str
    name: str
    description: str | None
    state: str
    position: int
    target: str | None
    tag: str | None


def make_id(kind: str, number: int) -> str:
    """A UUIDv7, always the same for the same number; they sort by number."""
    bits = blake2b(f"{kind}{number}".encode(), digest_size=10).hexdigest()
    moment = f"{BASE_MS + number:012x}"
    return f"{moment[:8]}-{moment[8:]}-7{bits[:3]}-8{bits[3:6]}-{bits[6:18]}"


@dataclass(frozen=True)
class World:
    """How many there are. `users` do not count the collectors."""

    users: int
    buckets_of_a_user: int = 20
    collectors: int = 0

    @classmethod
    def of_items(cls, items: int) -> "World":
        """In proportion: 1,000,000 items are those of 10,000 users with 200,000 buckets, and 10 collectors."""
        users = max(1, items // ITEMS_OF_A_USER)
        return cls(users, collectors=users // 1000)

    @property
    def name(self) -> str:
        return f"bench_{self.items}_{self.buckets_of_a_user}"

    @property
    def people(self) -> int:
        return self.users + self.collectors

    @property
    def items(self) -> int:
        return self.users * ITEMS_OF_A_USER

    @property
    def buckets(self) -> int:
        return self.users * self.buckets_of_a_user

    @property
    def all_items(self) -> int:
        return self.items + self.collectors * COLLECTION

    @property
    def main_items(self) -> int:
        """How many the first bucket of a user holds."""
        return ITEMS_OF_A_USER if self.buckets_of_a_user == 1 else MAIN_ITEMS

    def bucket(self, number: int) -> Bucket:
        """Those of the collectors come after all others."""
        if number >= self.buckets:
            user, place = self.users + number - self.buckets, 0
        else:
            user, place = divmod(number, self.buckets_of_a_user)
        name = f"{PLACES[number % len(PLACES)]} and around"
        return Bucket(number, user, make_id("bucket", number), name, place + 1)

    def item(self, number: int) -> Item:
        """Those of the collectors come after all others."""
        if number >= self.items:
            collector, place = divmod(number - self.items, COLLECTION)
            user, bucket, position = self.users + collector, self.buckets + collector, place + 1
        else:
            user, place = divmod(number, ITEMS_OF_A_USER)
            bucket, position = self._place_in_bucket(user, place)
        chance = number * 2_654_435_761 % 4_294_967_296  # Knuth's multiplicative hash
        name = f"{ACTIONS[chance % len(ACTIONS)]} {PLACES[chance // 64 % len(PLACES)]}"
        note = NOTES[chance // 8192 % len(NOTES)] if chance % 3 == 0 else None
        state = "done" if chance % 4 == 0 else "open"
        target = str(FIRST_YEAR + chance // 128 % YEARS) if chance // 16 % 2 else None
        tag = TAGS[chance // 1024 % len(TAGS)] if chance // 32 % 2 else None
        return Item(number, user, bucket, make_id("item", number), name, note, state, position, target, tag)

    def _place_in_bucket(self, user: int, place: int) -> tuple[int, int]:
        first = user * self.buckets_of_a_user
        if place < self.main_items:
            return first, place + 1
        row, column = divmod(place - self.main_items, self.buckets_of_a_user - 1)
        return first + 1 + column, row + 1

    def buckets_in_time(self) -> Iterator[Bucket]:
        """As a table grows: everybody's first one, everybody's second one …, so that nobody's rows lie together."""
        for place in range(self.buckets_of_a_user):
            for user in range(self.users):
                yield self.bucket(user * self.buckets_of_a_user + place)
        for number in range(self.buckets, self.buckets + self.collectors):
            yield self.bucket(number)

    def items_in_time(self) -> Iterator[Item]:
        """Everybody adds a few at a sitting, then everybody again: those of a sitting lie together, and no others."""
        for first in range(0, ITEMS_OF_A_USER, ITEMS_OF_A_SITTING):
            for user in range(self.users):
                for place in range(first, first + ITEMS_OF_A_SITTING):
                    yield self.item(user * ITEMS_OF_A_USER + place)
        for number in range(self.items, self.all_items):
            yield self.item(number)


def story_of(item: Item) -> str:
    return f"{item.name}. *At last*, and with Nora."


def user_id(user: int) -> str:
    return make_id("user", user)


def session_id(user: int) -> str:
    return make_id("session", user)


def email(user: int) -> str:
    return f"person.{user}@example.com"
