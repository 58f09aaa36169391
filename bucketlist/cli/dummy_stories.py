"""Dummy stories (seed data): what made-up people tell of their wishes, on the way, on the day and long after."""

from collections.abc import Iterator
from random import Random
from typing import Any

from pydantic.alias_generators import to_camel

from bucketlist.entries.schemas import EntryIn
from bucketlist.items.schemas import ItemIn

YEARS = range(1996, 2026)  # a life of thirty years
MOST_TIMES = 4  # told of what was done often
DATES = ("{year}", "{year}~", "{year}-{month:02}", "{year}-{month:02}-{day:02}", "{year}-{season}", "{decade}X", None)
PEOPLE = ("Nora", "Håkon", "Grandma Ilse", "Παναγιώτης", "Мария", "さくら", "ليلى", "Tomás", "Zoë", "the twins")
PLACES = ("Tromsø", "at home", "Αθήνα", "Plaza Mayor", "京都", "a bench by the harbour", None, None, None)
NOTES = (
    "Bought the tickets. **No way back now.**",
    "Read everything the library had about it, which was one book and half a map.",
    "Der erste Versuch: kläglich. Der zweite auch. Aber wir haben gelacht.",
    "Hoy he preguntado cuánto cuesta. Mucho. Pero menos de lo que pensaba.",
    "まだ早い。でも、もう怖くない。",
    "Первый урок. Завтра будет болеть всё.",
)
DAYS = (
    "It rained, and *nobody minded*. We stayed until they put the chairs on the tables.",
    "I had imagined it louder.\n\nIt was quiet, and I could hear my own heart.",
    "Wir standen da und haben nichts gesagt. Es war kalt, es war spät, es war genau richtig.",
    "Lloré un poco. Después comimos churros.",
    "Ήταν πιο μικρό απ’ όσο νόμιζα, και πιο όμορφο.",
    "ついに。二十年待った甲斐があった。",
    "وصلنا مع الفجر، ولم نقل شيئًا.",
    "- up at five\n- lost twice\n- there at noon\n- would do it again tomorrow",
)
LATER = (
    "Found the photograph today. I remember the smell of the place better than its name.",
    "Asked her about it at dinner: she tells it quite differently.",
    "Ich würde es wieder tun. Nur mit besseren Schuhen.",
)
TITLES = (
    "The first one",
    "Noch eins",
    "La segunda vez",
    "Another, in one night",
    "三冊目",
    "The one that nobody finishes",
)


def tell(wish: ItemIn, random: Random) -> Iterator[EntryIn]:
    """The entries of an item, in the order in which they were written; its state is as it was before."""
    times = _times_of(wish, random)
    if random.random() < (0.15 if wish.state == "open" else 0.4):
        yield _entry(random, random.choice(NOTES), completes=False)
    for _ in range(times):
        titles = {"title": random.choice(TITLES)} if wish.times > 1 else {}
        yield _entry(random, random.choice(DAYS), rating=random.choice((None, 3, 4, 5, 5)), **titles)
    if times and random.random() < 0.2:
        yield _entry(random, random.choice(LATER), completes=False)


def _times_of(wish: ItemIn, random: Random) -> int:
    """How often it is told that it happened: now and then once more than it had to, or not at all."""
    if wish.state == "done":
        return min(wish.times + random.choice((-1, 0, 0, 0, 0, 1)), MOST_TIMES)
    return random.randint(0, min(wish.times - 1, MOST_TIMES)) if wish.state == "doing" else 0


def _entry(random: Random, story: str, **more: Any) -> EntryIn:
    date, year = random.choice(DATES), random.choice(YEARS)
    month, day, season = random.randint(1, 12), random.randint(1, 28), random.randint(21, 24)
    told = {
        "date": date and date.format(year=year, month=month, day=day, season=season, decade=year // 10),
        "story": story,
        "people": random.sample(PEOPLE, random.choice((0, 0, 1, 1, 2, 3))),
        "place": random.choice(PLACES),
        "keep_state": True,
        **more,
    }
    return EntryIn.model_validate({to_camel(name): value for name, value in told.items()})
