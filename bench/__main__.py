"""The command: `make bench`, or parts of it: `python -m bench --only compare --quick`."""

import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from bench import alone, bar, feed, growth, photos, plans, plot, report, scenarios, servers, sqlite
from bench.bar import Verdict
from bench.compare import NotTheSameWork, compare
from bench.lab import Lab
from bench.postgres import CACHE
from bench.progress import say
from bench.world import World

RESULTS = Path(__file__).parent / "results"
QUICK_ITEMS = 100_000
Part = tuple[str, str, list[Verdict]]  # a heading, the tables below it, and what they say about the bar


class Bench:
    """One run: what is measured, how long, and where the figures go."""

    def __init__(self, lab: Lab, world: World, requests: int, keys: tuple[str, ...], folder: Path) -> None:
        self.lab, self.world, self.requests, self.folder = lab, world, requests, folder
        self.servers = [server for server in servers.ALL if not keys or server.key in (*keys, servers.OURS.key)]

    def compare(self) -> Part:
        found = compare(self.lab, self.world, self.servers, scenarios.ALL)
        (self.folder / "comparison.svg").write_text(plot.draw(found))
        tables = (report.throughputs(found), report.latencies(found), report.ratios(found))
        memory = bar.mebibytes("memory of the worker, after all scenarios", found.memory[servers.OURS.key])
        return "Side by side", "\n".join(tables), [*bar.ratios(found), memory]

    def plans(self) -> Part:
        found = plans.scans(self.lab, self.world)
        return "Query plans", "", bar.plans(found)

    def growth(self) -> Part:
        sizes = [size for size in (1_000, 100_000, 1_000_000) if size <= self.world.items]
        parts = growth.by_items(self.lab, sizes), growth.by_buckets(self.lab), sqlite.by_items(self.lab, sizes)
        found = [verdict for part in parts for verdict in bar.growth(part)]
        return "Growth", "\n".join(map(report.growth, parts)), found

    def feed(self) -> Part:
        return "Changes feed", "", [bar.feed(found) for found in (feed.on_postgres(self.lab), feed.on_sqlite(self.lab))]

    def connections(self) -> Part:
        found = alone.connections(self.lab, self.world)
        return "Connections", report.connections(found), bar.connections(found)

    def memory(self) -> Part:
        found = alone.memory(self.lab, self.world, self.requests)
        return "Memory", report.memory(found), bar.memory(found)

    def photos(self) -> Part:
        return "Photos", "", bar.photos(photos.measure(self.lab, self.world))

    def start(self) -> Part:
        return "Start", "", bar.start(alone.start_seconds(self.lab, self.world))

    def sqlite(self) -> Part:
        return "SQLite", "", bar.sqlite(sqlite.measure(self.lab, World.of_items(QUICK_ITEMS)))


PARTS: dict[str, Callable[[Bench], Part]] = {
    "compare": Bench.compare,
    "plans": Bench.plans,
    "growth": Bench.growth,
    "feed": Bench.feed,
    "connections": Bench.connections,
    "memory": Bench.memory,
    "photos": Bench.photos,
    "start": Bench.start,
    "sqlite": Bench.sqlite,
}


@click.command()
@click.option("--only", help=f"Parts, with commas between: {', '.join(PARTS)}. All when absent.")
@click.option("--servers", "keys", help=f"Of {', '.join(one.key for one in servers.ALL)}. All when absent.")
@click.option(
    "--items", default=1_000_000, show_default=True, help="In the database; people and buckets in proportion."
)
@click.option("--rounds", default=3, show_default=True, help="Each asks everything of every server.")
@click.option("--seconds", default=3, show_default=True, help="How long a scenario is asked in a round.")
@click.option("--requests", default=1_000_000, show_default=True, help="How many the memory is watched over.")
@click.option("--quick", is_flag=True, help="A short run to see that everything works; its figures say little.")
def main(
    only: str | None, keys: str | None, items: int, rounds: int, seconds: int, requests: int, *, quick: bool
) -> None:
    """Measure bucketlist beside what people would pick instead, and print Markdown."""
    if quick:
        items, rounds, seconds, requests = QUICK_ITEMS, 1, 2, 50_000
    folder = CACHE / "quick" if quick or only or keys else RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    lab = Lab(rounds, seconds)
    bench = Bench(lab, World.of_items(items), requests, split(keys), folder)
    try:
        parts = [PARTS[name](bench) for name in split(only) or PARTS]
    except NotTheSameWork as problem:
        raise click.ClickException(str(problem)) from None
    text = "\n".join(document(lab, parts))
    (folder / "report.md").write_text(text)
    click.echo(text)
    say(f"Written to {folder}")
    if not all(verdict.is_met for _, _, found in parts for verdict in found):
        sys.exit(1)


def split(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",")) if names else ()


def document(lab: Lab, parts: list[Part]) -> Iterator[str]:
    command = shlex.join(["python", "-m", "bench", *sys.argv[1:]]) if sys.argv[1:] else "make bench"
    yield report.circumstances(lab, command)
    for heading, tables, _ in parts:
        if tables:
            yield f"## {heading}\n\n{tables}"
    yield "## The bar\n\n" + report.verdicts(verdict for _, _, found in parts for verdict in found)


if __name__ == "__main__":
    main()
