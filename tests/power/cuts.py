"""Crash injection (cuts): while people write something is killed; it is started again, and all is looked at."""

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from tests.concurrency import wait_until
from tests.postgres_machine import PostgresMachine
from tests.power.crowd import work
from tests.power.disk import Disk
from tests.power.town import Town, find_damage
from tests.processes import Service

CUTS = int(os.environ.get("CUTS", "3"))
BURST_SECONDS = (0.2, 0.5)
LEAST = 10  # acknowledged in a burst in which nobody is told that there is no database; it may take long


class Cut(Protocol):
    """A way to go down: `happen` kills, `recover` gives the settings of a database to look at."""

    service: Service

    def happen(self) -> None: ...
    def recover(self) -> Settings: ...


@dataclass
class Report:
    """What came of it, as a line to print."""

    name: str
    cuts: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.cuts} cuts, {self.acknowledged:,} acknowledged, {len(self.lost)} lost, "
            f"integrity {'ok' if not self.damage else self.damage}"
        )


class AppKilled:
    """Every process of ours at once; the database is what it left behind."""

    def __init__(self, settings: Settings, service: Service) -> None:
        self.settings = settings
        self.service = service

    def happen(self) -> None:
        self.service.kill()

    def recover(self) -> Settings:
        return self.settings if self.settings.database_url else copied(self.settings)


class PowerCut(AppKilled):
    """Every other cut also tears: of what was not synced, some sectors got to the disk."""

    def __init__(self, settings: Settings, service: Service, disk: Disk, chance: Random) -> None:
        super().__init__(settings, service)
        self._disk = disk
        self._chance = chance
        self._count = 0

    def happen(self) -> None:
        super().happen()
        self._count += 1
        self._disk.cut_power(self.settings.sqlite_path.name, self._chance if self._count % 2 == 0 else None)


class PostgresKilled:
    """Every process of the database server; ours goes on."""

    def __init__(self, settings: Settings, service: Service, machine: PostgresMachine) -> None:
        self.settings = settings
        self.service = service
        self._machine = machine

    def happen(self) -> None:
        self._machine.kill()

    def recover(self) -> Settings:
        self._machine.start()
        return self.settings


def copied(settings: Settings) -> Settings:
    """A copy of SQLite's files, so that to look at them changes nothing."""
    copy = settings.data_dir.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(settings.data_dir, copy)
    return settings.model_copy(update={"data_dir": Path(copy)})


def run_cuts(name: str, town: Town, cut: Cut, chance: Random) -> Report:
    """So many as `CUTS` says, each at a random moment."""
    report = Report(name)
    found = town.settings
    for _ in range(CUTS):
        if not cut.service.server:
            cut.service.start()
        town.issue_tokens()
        burst(town, cut, chance.uniform(*BURST_SECONDS))
        found = cut.recover()
        report.cuts += 1
        report.lost += [f"cut {report.cuts}: {sentence}" for sentence in town.find_lost(found)]
        report.damage += find_damage(found)
    report.damage += find_problems(found)
    report.acknowledged = acknowledged(town)
    return report


def acknowledged(town: Town) -> int:
    return sum(worker.acknowledged for worker in town.workers)


def burst(town: Town, cut: Cut, seconds: float) -> None:
    """Everybody is at work when it happens."""
    enough = acknowledged(town) + LEAST
    with ThreadPoolExecutor(len(town.workers)) as threads:
        at_work = [threads.submit(work, worker, cut.service.port) for worker in town.workers]
        time.sleep(seconds)
        wait_until(lambda: acknowledged(town) >= enough or all(each.done() for each in at_work))
        cut.happen()
        for each in at_work:
            each.result()
