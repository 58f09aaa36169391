"""What a crowd costs each kind of server: `bench/.venv/bin/python -m bench.crowded`, a minute and a half.

bucketlist beside an event loop, which has no threads, and beside its own server without work to do.
"""

from bench import scenarios, seed
from bench.lab import Lab, middle
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
            found = {
                amount: [lab.measure(running, world, scenario, connections=amount) for _ in range(lab.rounds)]
                for amount in CONNECTIONS
            }
        for amount, results in found.items():
            per_second = middle(results, lambda result: result.per_second)
            microseconds = middle(results, lambda result: result.cpu_microseconds)
            say(
                f"{server.title}, {amount} connections: {per_second:,.0f} requests/s, {microseconds:.0f} µs of CPU each"
            )


if __name__ == "__main__":
    main()
