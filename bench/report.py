"""Benchmark report: the tables, in Markdown."""

import platform
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import load
from bench.alone import Crowd, Memory, throughput
from bench.bar import Verdict
from bench.compare import Comparison
from bench.growth import Growth
from bench.lab import Lab, middle
from bench.load import Result
from bench.scenarios import Scenario
from bench.servers import OURS, Server

LIBRARIES = (
    "flask",
    "granian",
    "psycopg",
    "sqlalchemy",
    "pydantic",
    "fastapi",
    "uvicorn",
    "asyncpg",
    "litestar",
    "django",
    "django-ninja",
    "flask-sqlalchemy",
    "gunicorn",
)
NOTHING = "–"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] + ["---:"] * (len(head) - 1), *rows)]
    return "\n".join(lines) + "\n"


def circumstances(lab: Lab, command: str) -> str:
    """Where, when, with what and how it was measured."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d} with `{command}` on {processor()}, Linux {platform.release()}, "
        f"CPython {platform.python_version()}, PostgreSQL {lab.postgres.version}, {load.generator()}; {libraries}. "
        f"One worker on one core, the load and the database on another; {lab.rounds} interleaved rounds of "
        f"{lab.seconds} s, medians.\n"
    )


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()} ({len(names) or '?'} cores seen)"


def cells(comparison: Comparison, render: Callable[[list[Result]], str]) -> list[list[str]]:
    """One row a server, one column a scenario."""
    return [
        [_bold(server), *(_cell(comparison, server, scenario, render) for scenario in comparison.asked)]
        for server in comparison.servers
    ]


def _bold(server: Server) -> str:
    return f"**{server.title}**" if server is OURS else server.title


def _cell(comparison: Comparison, server: Server, scenario: Scenario, render: Callable[[list[Result]], str]) -> str:
    found = comparison.find(server, scenario)
    return render(found) if found else NOTHING


def throughputs(comparison: Comparison) -> str:
    def render(results: list[Result]) -> str:
        cpu = middle(results, lambda result: result.cpu_microseconds)
        return f"{throughput(results):,.0f} ({cpu:,.0f})"

    rows = cells(comparison, render)
    for server, row in zip(comparison.servers, rows, strict=True):
        row.append(f"{comparison.memory[server.key] / 2**20:.0f}")
    title = "requests/s (CPU µs a request)"
    return table([title, *(one.title for one in comparison.asked), "memory, MiB"], rows)


def latencies(comparison: Comparison) -> str:
    def render(results: list[Result]) -> str:
        p50, p99 = (middle(results, of) / 1000 for of in (lambda one: one.p50, lambda one: one.p99))
        return f"{p50:.1f} / {p99:.1f}"

    return table(["p50 / p99, ms", *(one.title for one in comparison.asked)], cells(comparison, render))


def ratios(comparison: Comparison) -> str:
    rows = []
    for server in comparison.servers:
        if server is not OURS:
            found = [comparison.ratio(server, scenario) for scenario in comparison.asked]
            rows.append([server.title, *(f"{ratio:.2f}" if ratio else NOTHING for ratio in found)])
    return table(["CPU time a request, theirs / ours", *(one.title for one in comparison.asked)], rows)


def growth(found: Growth) -> str:
    head = [f"p50 in µs by {found.title}", *found.sizes, "ratio"]
    rows = [
        [scenario.title, *(f"{value:,.0f}" for value in found.medians(scenario)), f"{found.ratio(scenario):.2f}"]
        for scenario in found.asked
    ]
    return table(head, rows)


def connections(found: Crowd) -> str:
    measured = [("bucketlist", amount, results) for amount, results in found.ours.items()]
    measured += [(title, found.most, results) for title, results in found.peers.items()]
    rows = [
        [
            title,
            str(amount),
            f"{throughput(results):,.0f}",
            f"{middle(results, lambda result: result.p50) / 1000:.1f}",
            f"{middle(results, lambda result: result.p99) / 1000:.1f}",
            str(sum(result.errors for result in results)),
        ]
        for title, amount, results in measured
    ]
    return table(["server", "connections", "requests/s", "p50, ms", "p99, ms", "errors"], rows)


def memory(found: Memory) -> str:
    total = found.samples[-1][0]
    shares = (0.02, 0.2, 0.4, 0.6, 0.8, 1.0)
    row = ["the worker's memory, MiB", *(f"{found.after(share) / 2**20:.1f}" for share in shares)]
    return table(["after requests", *(f"{total * share:,.0f}" for share in shares)], [row])


def verdicts(found: Iterable[Verdict]) -> str:
    rows = [[one.what, one.must, one.found, "met" if one.is_met else "**not met**", one.aim] for one in found]
    return table(["bar", "must", "found", "", "aim"], rows)
