"""Load tests of bucketlist: many connections (beside its peers at the most), a million requests, a quick start."""

from contextlib import ExitStack
from dataclasses import dataclass

from bench import load, scenarios, seed
from bench.lab import Lab, middle
from bench.load import Result
from bench.process import worker_memory_bytes
from bench.progress import say
from bench.servers import OURS, PEERS
from bench.world import World

CONNECTIONS = (1, 8, 64, 512)
STARTS = 5
SAMPLES = 50
MIXED = (scenarios.READ, scenarios.LIST, scenarios.BUCKETS, scenarios.SEARCH, scenarios.CREATE, scenarios.CHANGE)
LONGEST_SECONDS = 30


@dataclass(frozen=True)
class Memory:
    """The Pss of the worker, after how many requests."""

    samples: list[tuple[int, int]]

    def after(self, share: float) -> int:
        """Bytes, when this share of all requests had been answered."""
        total = self.samples[-1][0]
        return next(size for requests, size in self.samples if requests >= total * share)

    @property
    def highest(self) -> int:
        return max(size for _, size in self.samples)


@dataclass(frozen=True)
class Crowd:
    """What was measured of reading one item: ours by connections, and each peer, by its title, at the most of them."""

    ours: dict[int, list[Result]]
    peers: dict[str, list[Result]]

    @property
    def most(self) -> int:
        return max(self.ours)

    @property
    def fastest_peer(self) -> str:
        return max(self.peers, key=lambda title: throughput(self.peers[title]))


def connections(lab: Lab, world: World) -> Crowd:
    """Reading one item, from that many connections at once; of every peer with the most, in the same rounds."""
    seed.prepare(lab.postgres, world)
    found = Crowd({amount: [] for amount in CONNECTIONS}, {peer.title: [] for peer in PEERS})
    with ExitStack() as stack:
        ours, *peers = [stack.enter_context(lab.start(server, world)) for server in (OURS, *PEERS)]
        for number in range(1, lab.rounds + 1):
            say(f"Connections, round {number} of {lab.rounds} …")
            for amount in CONNECTIONS:
                found.ours[amount].append(lab.measure(ours, world, scenarios.READ, connections=amount))
            for peer in peers:
                result = lab.measure(peer, world, scenarios.READ, connections=found.most)
                found.peers[peer.server.title].append(result)
    return found


def memory(lab: Lab, world: World, requests: int) -> Memory:
    """The worker's memory over so many requests of all kinds."""
    seed.prepare(lab.postgres, world)
    samples: list[tuple[int, int]] = []
    answered = 0
    with lab.start(OURS, world) as running:
        per_second = 1_000.0
        while answered < requests:
            mixed = [ask for one in MIXED for ask in one.requests(world, lab.tokens(world), running.port, 3_000)]
            seconds = min(max(1.0, requests / SAMPLES / per_second), LONGEST_SECONDS)
            with load.written(mixed) as path:
                result = load.run(running, path, 32, seconds, lab.cores.others)
            answered, per_second = answered + result.requests, result.per_second
            samples.append((answered, worker_memory_bytes(running.process.pid)))
            say(f"Memory: {answered:,} of {requests:,} requests, {samples[-1][1] / 2**20:.1f} MiB")
    seed.tidy(lab.postgres, world)
    return Memory(samples)


def start_seconds(lab: Lab, world: World) -> list[float]:
    """How long it takes from the command to the first answer of /readyz, on a database that is there."""
    seed.prepare(lab.postgres, world)
    found = []
    for _ in range(STARTS):
        with lab.start(OURS, world) as running:
            found.append(running.start_seconds)
    return sorted(found)


def throughput(results: list[Result]) -> float:
    return middle(results, lambda result: result.per_second)
