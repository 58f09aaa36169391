"""Performance targets (the bar): what must be reached, what is aimed at, and what was measured."""

from dataclasses import dataclass
from statistics import median

from bench import scenarios
from bench.alone import Crowd, Memory, throughput
from bench.compare import Comparison
from bench.feed import CHANGES, Feed
from bench.growth import Growth
from bench.lab import middle
from bench.photos import Photos
from bench.servers import FLOOR, PEERS
from bench.sqlite import OnSqlite

RATIOS = {  # of CPU time a request, theirs divided by ours: must for reading, must for creating, aim
    "litestar_asyncpg": (0.65, 0.5, 1.0),
    "fastapi_asyncpg": (1.2, 0.9, 1.8),
    "fastapi_sqlalchemy": (4.5, 5.0, 8.0),
    "django_ninja": (4.5, 5.0, 8.0),
    "flask_sqlalchemy": (4.5, 5.0, 8.0),
}
FLOOR_RATIO = (0.36, 0.6)
GROWTH_RATIO = 1.3
FILTER_RATIO = 1.5  # of a list that is filtered, searched and sorted at once
FEED_RATIO = 1.1
MEMORY_BYTES = 110 * 2**20
MEMORY_GROWTH = 1.03  # from a fifth of the requests on; measuring twice differs by as much
START_SECONDS = 1.5
THUMBNAILS = 2  # a second; a process has to start for each, which is the safe way to read a picture
PHOTO_BYTES = 8 * 2**20
SQLITE_READS = 8_000
SQLITE_CREATES = 400
SQLITE_SLOWEST_MS = 250
CROWD_RATIO = RATIOS[
    "litestar_asyncpg"
]  # of requests a second with 512 connections, ours divided by the fastest peer's
BOUND_MS = 1_000  # of the p99 with 512 connections


@dataclass(frozen=True)
class Verdict:
    """One row of the bar."""

    what: str
    must: str
    found: str
    is_met: bool
    aim: str = ""


def ratios(comparison: Comparison) -> list[Verdict]:
    found = []
    for peer in PEERS:
        reading, creating, aim = RATIOS[peer.key]
        for scenario, must in ((scenarios.READ, reading), (scenarios.LIST, reading), (scenarios.CREATE, creating)):
            ratio = comparison.ratio(peer, scenario)
            if ratio is not None:
                found.append(at_least(f"{peer.title}: {scenario.title}", must, ratio, aim))
    floor = comparison.ratio(FLOOR, scenarios.READ)
    if floor is not None:
        found.append(at_least(f"{FLOOR.title}: get one", FLOOR_RATIO[0], floor, FLOOR_RATIO[1]))
    errors = sum(result.errors for results in comparison.results.values() for result in results)
    return [*found, Verdict("errors in all answers", "0", str(errors), errors == 0)]


def at_least(what: str, must: float, found: float, aim: float) -> Verdict:
    return Verdict(what, f"≥ {must:g}", f"{found:.2f}", found >= must, f"{aim:g}" + (" ✓" if found >= aim else ""))


def growth(found: Growth) -> list[Verdict]:
    return [
        at_most(
            f"{scenario.title}: {found.sizes[-1]} against {found.sizes[0]} {found.title}",
            FILTER_RATIO if scenario in (scenarios.FILTER, scenarios.SEARCH_JOURNAL) else GROWTH_RATIO,
            found.ratio(scenario),
        )
        for scenario in found.asked
    ]


def at_most(what: str, must: float, found: float) -> Verdict:
    return Verdict(what, f"≤ {must:g}", f"{found:.2f}", found <= must)


def connections(found: Crowd) -> list[Verdict]:
    measured = [*found.ours.values(), found.peers[found.fastest_peer]]
    errors = sum(result.errors for results in measured for result in results)
    ratio = throughput(found.ours[found.most]) / throughput(found.peers[found.fastest_peer])
    p99 = middle(found.ours[found.most], lambda result: result.p99) / 1000
    must, _, aim = CROWD_RATIO
    return [
        Verdict("connections: errors", "0", str(errors), errors == 0),
        at_least(f"requests/s with {found.most} connections, of {found.fastest_peer}", must, ratio, aim),
        Verdict(f"p99 with {found.most} connections", f"≤ {BOUND_MS} ms", f"{p99:.0f} ms", p99 <= BOUND_MS),
    ]


def feed(found: Feed) -> Verdict:
    end, begin = (middle(results, lambda result: result.p50) for results in (found.end, found.begin))
    return at_most(
        f"{found.title}: page of changes at the end of {CHANGES:,} against the beginning", FEED_RATIO, end / begin
    )


def memory(found: Memory) -> list[Verdict]:
    highest, grown = found.highest, found.after(1) / found.after(0.2)
    requests = f"{found.samples[-1][0]:,} requests"
    return [
        mebibytes(f"memory of the worker over {requests}", highest),
        Verdict(
            f"memory after {requests} against a fifth", f"≤ {MEMORY_GROWTH}", f"{grown:.3f}", grown <= MEMORY_GROWTH
        ),
    ]


def mebibytes(what: str, size: int) -> Verdict:
    return Verdict(what, f"≤ {MEMORY_BYTES // 2**20} MiB", f"{size / 2**20:.0f} MiB", size <= MEMORY_BYTES)


def photos(found: Photos) -> list[Verdict]:
    grown = {"come": found.grown_in, "go": found.grown_out}
    return [
        at_least("thumbnails a second on a core, 12 megapixels", THUMBNAILS, found.per_second, 10),
        *(
            Verdict(
                f"memory of the worker while photos of 25 MiB {what}",
                f"< {PHOTO_BYTES // 2**20} MiB more",
                f"{size / 2**20:.1f} MiB",
                size < PHOTO_BYTES,
            )
            for what, size in grown.items()
        ),
    ]


def start(seconds: list[float]) -> list[Verdict]:
    found = median(seconds)
    return [Verdict("ready after the start", f"≤ {START_SECONDS} s", f"{found:.2f} s", found <= START_SECONDS)]


def sqlite(found: OnSqlite) -> list[Verdict]:
    reads = middle(found.reads, lambda result: result.per_second)
    creates = middle(found.creates, lambda result: result.per_second)
    slowest = max(result.slowest for result in found.creates) / 1000
    errors = sum(result.errors for result in (*found.reads, *found.creates))
    return [
        Verdict("SQLite: reads a second on a core", f"≥ {SQLITE_READS:,}", f"{reads:,.0f}", reads >= SQLITE_READS),
        Verdict(
            "SQLite: durable creates a second", f"≥ {SQLITE_CREATES}", f"{creates:,.0f}", creates >= SQLITE_CREATES
        ),
        Verdict(
            "SQLite: the slowest create", f"< {SQLITE_SLOWEST_MS} ms", f"{slowest:.0f} ms", slowest < SQLITE_SLOWEST_MS
        ),
        Verdict("SQLite: errors", "0", str(errors), errors == 0),
    ]


def plans(found: list[str]) -> list[Verdict]:
    return [
        Verdict(
            "statements that read through a table that grows, or 1,000 pages",
            "none",
            "; ".join(found) or "none",
            not found,
        )
    ]
