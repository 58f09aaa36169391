"""Latency as data grow: does it stay as quick when there is more?

One client asks, so that the median is the time that an answer takes.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench import scenarios, seed
from bench.lab import Lab, middle
from bench.load import Result
from bench.progress import say
from bench.scenarios import Scenario
from bench.servers import OURS
from bench.world import World

OF_ENTRIES = (scenarios.JOURNAL, scenarios.SEARCH_JOURNAL)
READS = (scenarios.READ, scenarios.LIST, scenarios.ONE_BUCKET, scenarios.SEARCH, scenarios.FILTER, *OF_ENTRIES)
ROUTES = (*READS, scenarios.CREATE, scenarios.CHANGE, scenarios.NOTE)
USERS_WITH_BUCKETS = 1_000
BUCKETS = (1, 10, 100)


@dataclass
class Growth:
    """Medians by scenario, each for the sizes in their order."""

    title: str
    sizes: list[str]
    asked: Sequence[Scenario] = ROUTES
    results: dict[str, list[list[Result]]] = field(default_factory=dict)

    def medians(self, scenario: Scenario) -> list[float]:
        """Microseconds, for the sizes in their order."""
        return [middle(results, lambda result: result.p50) for results in self.results[scenario.key]]

    def ratio(self, scenario: Scenario) -> float:
        """The largest size against the smallest."""
        medians = self.medians(scenario)
        return medians[-1] / medians[0]


def by_items(lab: Lab, sizes: Sequence[int]) -> Growth:
    return _measure(lab, "items in the database", {f"{size:,}": World.of_items(size) for size in sizes})


def by_buckets(lab: Lab) -> Growth:
    worlds = {f"{amount}": World(USERS_WITH_BUCKETS, amount) for amount in BUCKETS}
    return _measure(lab, "buckets a user", worlds)


def _measure(lab: Lab, title: str, worlds: dict[str, World]) -> Growth:
    growth = Growth(title, list(worlds))
    for scenario in ROUTES:
        growth.results[scenario.key] = [[] for _ in worlds]
    for world in worlds.values():
        seed.prepare(lab.postgres, world)
    with ExitStack() as stack:
        running = [stack.enter_context(lab.start(OURS, world)) for world in worlds.values()]
        for number in range(1, lab.rounds + 1):
            say(f"Growth by {title}, round {number} of {lab.rounds} …")
            for scenario in ROUTES:
                for place, world in enumerate(worlds.values()):
                    result = lab.measure(running[place], world, scenario, connections=1)
                    growth.results[scenario.key][place].append(result)
    return growth
