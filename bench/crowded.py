"""Benchmark of many connections: what a crowd costs each kind of server; `bench/.venv/bin/python -m bench.crowded`.

bucketlist beside an event loop, which has no threads, and beside its own server without work to do.
"""

from bench import scenarios, seed
from bench.lab import WARM_UP_SECONDS, Lab, middle
from bench.process import switches
from bench.progress import say
from bench.servers import ALL, FLOOR, OURS
from bench.world import World

CONNECTIONS = (8, 64, 512)
ITEMS = 100_000
LOOP = next(server for server in ALL if server.key == "litestar_asyncpg")


def main() -> None:
    lab, world = Lab(rounds=2, seconds=3), World.of_items(ITEMS)
    seed.prepare(lab.postgres, world)
    for server in (OURS, LOOP, FLOOR):
        scenario = scenarios.HELLO if server is FLOOR else scenarios.READ
        with lab.start(server, world) as running:
            for amount in CONNECTIONS:
                before = switches(running.process.pid)
                results = [lab.measure(running, world, scenario, connections=amount) for _ in range(lab.rounds)]
                per_second = middle(results, lambda result: result.per_second)
                microseconds = middle(results, lambda result: result.cpu_microseconds)
                requests = per_second * lab.rounds * (lab.seconds + WARM_UP_SECONDS)
                switched = (switches(running.process.pid) - before) / requests
                say(f"{server.title}, {amount} connections: {per_second:,.0f} requests/s")
                say(f"  a request: {microseconds:.0f} µs of CPU, {switched:.1f} switches of threads")


if __name__ == "__main__":
    main()
