"""Benchmark environment: the database, the people's tokens, the cores, and how long to look."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from statistics import median

from bench import load, seed
from bench.load import Result
from bench.ours import Tokens
from bench.postgres import Postgres
from bench.process import Cores
from bench.scenarios import Request, Scenario
from bench.servers import Running, Server, start
from bench.world import World

WARM_UP_SECONDS = 1


@dataclass
class Lab:
    """`seconds` is how long one scenario is asked in one round."""

    rounds: int
    seconds: int
    cores: Cores = field(default_factory=Cores.of_this_machine)
    postgres: Postgres = field(init=False)
    _people: dict[World, Tokens] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.postgres = Postgres(self.cores.others)

    def start(self, server: Server, world: World) -> AbstractContextManager[Running]:
        """`server` on a database with this world."""
        return start(server, self.postgres.url_of(world.name), self.cores)

    def tokens(self, world: World) -> list[str]:
        """One of each person, good for longer than a measurement takes."""
        people = self._people.setdefault(world, Tokens(world))
        return people.fresh(self.seconds + WARM_UP_SECONDS + 60)

    def measure(
        self,
        running: Running,
        world: World,
        scenario: Scenario,
        *,
        connections: int | None = None,
        requests: list[Request] | None = None,
    ) -> Result:
        """Ask one scenario of one server, after a warm-up that does not count."""
        if requests is None:
            requests = scenario.requests(world, self.tokens(world), running.port)
        at_once = connections or scenario.connections
        with load.written(requests) as path:
            load.run(running, path, at_once, WARM_UP_SECONDS, self.cores.others)
            result = load.run(running, path, at_once, self.seconds, self.cores.others)
        if scenario.writes:
            seed.tidy(self.postgres, world)
        return result


def middle(results: list[Result], of: Callable[[Result], float]) -> float:
    """The median of one figure over the rounds."""
    return median(of(result) for result in results)
