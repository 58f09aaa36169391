"""Dummy data (seed data): believable people with wishes, stories and photos, the same for the same seed."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from random import Random
from typing import NamedTuple

from faker import Faker
from pydantic.alias_generators import to_camel

from bucketlist.accounts import login
from bucketlist.accounts import service as accounts
from bucketlist.accounts.schemas import RegisterIn
from bucketlist.auth.actor import Actor
from bucketlist.auth.errors import EmailTaken
from bucketlist.buckets import service as buckets
from bucketlist.buckets.schemas import BucketIn
from bucketlist.cli.dummy_photos import Album
from bucketlist.cli.dummy_stories import tell
from bucketlist.entries import service as entries
from bucketlist.items import service as items
from bucketlist.items.schemas import ItemIn
from bucketlist.kit.db.database import transaction
from bucketlist.photos.parents import Parent
from bucketlist.sessions import lifecycle

BUCKETS = ("Far away", "Around here", "With my hands", "With the kids", "Big books", "Brave things", "Before {year}")
ITEMS = (
    "See the northern lights from {city}",
    "Learn enough {language} to order dinner",
    "Walk across {country}",
    "Write to {person} and mean it",
    "Swim in the sea at {city} before breakfast",
    "Build a table from one tree",
    "Read all of {author}, slowly",
    "Sleep in a lighthouse in {country}",
    "Cook for {number} friends at one table",
    "Sing in front of strangers in {city}",
    "Plant an orchard of {number} trees",
    "Take {person} to {country}",
)
STATES = ("open", "open", "open", "doing", "done", "done", "dropped")
REASONS = (None, "It was {person}’s wish, not mine.", "Once I had seen {city}, it did not matter any more.")
TARGETS = (None, None, "{year}", "{year}~", "{year}-22", "{year}-06", "203X", "204X~", "{year}-06-14")
STEPS = ("Save up for it", "Ask {person}", "Find a map of {country}", "Learn ten words of {language}")
LINKS = ("https://example.com/{country}", "https://example.org/{city}")
TAGS = ("winter", "with Nora", "cheap", "海", "Überraschung", "one day")
ARCHIVED_ONE_IN = 10  # buckets
DESCRIPTIONS = (None, None, "Not in winter.", "{person} says the best time is spring.", "Ask {person} first.")


class Account(NamedTuple):
    """A person of the dummy data, and how to sign in as them."""

    email: str
    password: str


class Writer:
    """A generator of dummy texts, from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  # has to be the same each time
        self._faker = Faker()
        self._faker.seed_instance(seed)

    def text(self, *templates: str | None) -> str | None:
        template = self.random.choice(templates)
        return template and template.format(
            city=self._faker.city(),
            country=self._faker.country(),
            language=self._faker.language_name(),
            person=self._faker.first_name(),
            author=self._faker.last_name(),
            number=self.random.randint(3, 40),
            year=self.random.randint(2027, 2060),
        )

    def wish(self) -> ItemIn:
        state = self.random.choice(STATES)
        wanted = {
            "name": self.text(*ITEMS),
            "description": self.text(*DESCRIPTIONS),
            "state": state,
            "dropped_reason": self.text(*REASONS) if state == "dropped" else None,
            "target": self.text(*TARGETS),
            "times": self.random.choice((1, 1, 1, 1, 3, 100)),
            "place": self.text(None, None, "{city}"),
            "tags": self.random.sample(TAGS, self.random.choice((0, 0, 1, 2))),
            "steps": [{"text": self.text(step), "done": state == "done"} for step in self.some(STEPS)],
            "links": [{"url": str(self.text(link)).replace(" ", "_")} for link in self.some(LINKS)],
        }
        return ItemIn.model_validate({to_camel(name): value for name, value in wanted.items()})

    def some(self, templates: Sequence[str]) -> list[str]:
        """None of them mostly, or the first few."""
        return list(templates[: max(0, self.random.randint(-3, len(templates)))])

    def person(self, number: int) -> RegisterIn:
        name = self._faker.name()
        email = f"{name.lower().replace(' ', '.')}.{number}@example.com".replace("..", ".")
        password = "-".join(self._faker.words(4))
        return RegisterIn.model_validate({"email": email, "password": password, "name": name})


def make_dummy_data(
    user_count: int, bucket_count: int, item_count: int, seed: int, *, photo_count: int = 0
) -> Iterator[Account | int]:
    """Each user gets `bucket_count` buckets with `item_count` items in all, and up to `photo_count` photos of them.

    Yields accounts, and how many rows are new.

    Each user is one transaction, so that a run that is stopped leaves nobody half made.
    """
    writer = Writer(seed)
    for number in range(1, user_count + 1):
        with ExitStack() as begun, transaction():
            wanted = _add_person(writer, number)
            actor = login.open_session_of(wanted.email)
            album = Album(f"photos of {number}, {seed}", photo_count, begun)
            yield from _fill(writer, album, actor, bucket_count, item_count)
            lifecycle.log_out(actor)
        yield Account(wanted.email, wanted.password)


def _add_person(writer: Writer, number: int) -> RegisterIn:
    while True:
        wanted = writer.person(number)
        try:
            accounts.add_user(wanted)
        except EmailTaken:  # by an earlier run with this seed
            number += 1000
        else:
            return wanted


def _fill(writer: Writer, album: Album, actor: Actor, bucket_count: int, item_count: int) -> Iterator[int]:
    for place in range(bucket_count):
        archived = place % ARCHIVED_ONE_IN == 2
        wanted = BucketIn.model_validate({"name": writer.text(*BUCKETS), "archived": archived})
        bucket = buckets.add_bucket(actor, wanted)
        yield 1
        for _ in range(item_count * (place + 1) // bucket_count - item_count * place // bucket_count):
            wish = writer.wish()
            item = items.add_item(actor, bucket.id, wish)
            for story in tell(wish, writer.random):
                entry = entries.add_entry(actor, item.id, story)
                album.fill(actor, Parent("entry", entry.id))
            if item.state in ("doing", "done"):
                album.fill(actor, Parent("item", item.id))
            yield 1
