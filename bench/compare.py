"""Benchmark of every server and scenario in each round, so that a slow minute of the machine hits them all."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench import check, scenarios, seed
from bench.lab import Lab, middle
from bench.load import Result
from bench.process import worker_memory_bytes
from bench.progress import say
from bench.scenarios import DeepPage, Scenario
from bench.servers import FLOOR, OURS, Running, Server
from bench.world import World

Cell = tuple[str, str]


class NotTheSameWork(Exception):
    """A server does not do the work, so it is not measured; the message says what is missing."""


@dataclass
class Comparison:
    """What was measured, by server and scenario; the memory of each server's worker at its highest."""

    servers: Sequence[Server]
    asked: Sequence[Scenario]
    results: dict[Cell, list[Result]] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)

    def find(self, server: Server, scenario: Scenario) -> list[Result] | None:
        return self.results.get((server.key, scenario.key))

    def cpu(self, server: Server, scenario: Scenario) -> float | None:
        """CPU microseconds a request: the median of the rounds."""
        found = self.find(server, scenario)
        return middle(found, lambda result: result.cpu_microseconds) if found else None

    def ratio(self, server: Server, scenario: Scenario) -> float | None:
        """Theirs divided by ours."""
        theirs, ours = self.cpu(server, scenario), self.cpu(OURS, scenario)
        return theirs / ours if theirs and ours else None


def compare(lab: Lab, world: World, servers: Sequence[Server], asked: Sequence[Scenario]) -> Comparison:
    """Measure `servers` side by side. Raises: `NotTheSameWork`."""
    seed.prepare(lab.postgres, world)
    comparison = Comparison(servers, [scenario for scenario in asked if scenario.ask or world.collectors])
    with ExitStack() as stack:
        running = [stack.enter_context(lab.start(server, world)) for server in servers]
        for one in running:
            refuse_less_work(lab, one, world)
        deep = {one.port: deep_pages(lab, one, world) for one in running}
        for number in range(1, lab.rounds + 1):
            for scenario in comparison.asked:
                say(f"Round {number} of {lab.rounds}: {scenario.title} …")
                for one in running:
                    measure(lab, comparison, one, world, scenario, deep[one.port])
    return comparison


def refuse_less_work(lab: Lab, running: Running, world: World) -> None:
    """Raises: `NotTheSameWork`."""
    if running.server is FLOOR:
        return
    found = check.failures(running.port, lab.postgres, world)
    if found:
        raise NotTheSameWork("\n".join([running.server.title, *found]))
    say(f"{running.server.title}: does the same work")


def deep_pages(lab: Lab, running: Running, world: World) -> list[DeepPage]:
    if running.server is FLOOR or not world.collectors:
        return []
    return scenarios.find_deep_pages(world, lab.tokens(world), running.port)


def measure(
    lab: Lab, comparison: Comparison, running: Running, world: World, scenario: Scenario, deep: list[DeepPage]
) -> None:
    if running.server is FLOOR:
        if scenario is not scenarios.READ:
            return
        scenario = scenarios.HELLO
    requests = scenarios.ask_deep_pages(deep, lab.tokens(world)) if scenario is scenarios.DEEP else None
    result = lab.measure(running, world, scenario, requests=requests)
    comparison.results.setdefault((running.server.key, scenario.key), []).append(result)
    memory = worker_memory_bytes(running.process.pid)
    comparison.memory[running.server.key] = max(memory, comparison.memory.get(running.server.key, 0))
