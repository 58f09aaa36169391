"""Diagnostics of the database: is it there, ours, whole, as the server will use it, and does its clock agree?"""

from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import Connection, Float, cast, func, select

from bucketlist.backup import checks
from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.kit.db.database import Statement
from bucketlist.kit.db.driver import Driver, Value
from bucketlist.kit.db.outages import clean
from bucketlist.kit.errors import Unavailable
from bucketlist.migrations import runner
from bucketlist.migrations.runner import MigrationError
from bucketlist.models import users
from bucketlist.ops.doctor.findings import Finding, fine, odd, wrong
from bucketlist.ops.drift import KEY_DIFFERS, MOST_SKEW_SECONDS
from bucketlist.ops.queries import DURABILITY, DURABILITY_SETTINGS, NAMED_OTHERWISE

CLOCK = select(cast(func.extract("epoch", func.clock_timestamp()), Float))
LIMIT = Statement(select(func.current_setting("statement_timeout")))
NEWEST = Statement(select(users.c.created_at).order_by(users.c.id.desc()).limit(1))
ODD_SECONDS = 2.0  # of two clocks that differ
AHEAD_MINUTES = 1.0


def check_database(settings: Settings, driver: Driver) -> list[Finding]:
    """Diagnose the database: the first that is wrong ends it, as what comes after could not be asked."""
    if runner.is_missing(settings):
        return [odd("database", f"There is none at {settings.sqlite_path} yet; “bucketlist serve” makes one.")]
    try:
        with runner.snapshot(settings) as connection:
            found = [_check_revision(connection), *_check_damage(connection), *_check_clock(connection)]
        if any(finding.level == "problem" for finding in found):
            return found
        return [*found, *_check_as_served(driver, settings.server_name)]
    except MigrationError as problem:
        return [wrong("database", str(problem))]
    except Unavailable as refusal:
        return [wrong("database", f"The server would not get to it: {clean(refusal.reason) or refusal.detail}.")]


def _check_revision(connection: Connection) -> Finding:
    revision = runner.revision_on(connection)
    if runner.is_newer(revision):
        return wrong("database", "It was made by a newer version of bucketlist; upgrade the software.")
    if revision != runner.head():
        told = f"Its schema is at revision {revision or 'base'}, this version’s is {runner.head()}"
        return wrong("database", f"{told}; run “bucketlist db upgrade”.")
    return fine("database", f"It answers, and has the schema of this version, {revision}.")


def _check_damage(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name == "sqlite":
        found = [
            wrong("database", f"{told} Stop the service, and restore a backup.")
            for told in checks.find_damage(connection)
        ]
        yield from found or [fine("database", "Its file is whole.")]


def _check_clock(connection: Connection) -> Iterator[Finding]:
    """SQLite has no clock but ours."""
    if connection.dialect.name == "sqlite":
        return
    before = clock.now().timestamp()
    there = float(connection.execute(CLOCK).scalar_one())
    seconds = there - (before + clock.now().timestamp()) / 2
    told = f"The database’s is {abs(seconds):.1f} seconds {'ahead of' if seconds > 0 else 'behind'} this machine’s"
    if abs(seconds) > ODD_SECONDS:
        make = wrong if abs(seconds) > MOST_SKEW_SECONDS else odd
        yield make("clock", f"{told}; have both set by NTP.")
    else:
        yield fine("clock", f"{told}.")


def _check_as_served(driver: Driver, server_name: str) -> Iterator[Finding]:
    """On a connection as the pool opens it. Raises: `Unavailable`."""
    with closing(driver.connect()) as connection:

        def run(statement: Statement, **values: Value) -> list[tuple[object, ...]]:
            return [tuple(row) for row in connection.run(statement.compiled(driver.dialect), values)]

        if obstacle := connection.find_obstacle():
            yield wrong("database", obstacle)
        newest = run(NEWEST)
        if newest and str(newest[0][0]) > clock.text_from_now(minutes=AHEAD_MINUTES):
            yield wrong("clock", "The newest account was made in the future: this clock was set back, or goes wrong.")
        if driver.dialect.name == "postgresql":
            if run(NAMED_OTHERWISE, name=server_name):
                yield wrong("settings", KEY_DIFFERS)
            yield from check_limits(str(run(LIMIT)[0][0]), [str(value) for value in run(DURABILITY)[0]])


def check_limits(limit: str, durability: list[str]) -> Iterator[Finding]:
    """What the server says of its time limit, and of the settings by which it keeps what it has acknowledged."""
    if limit == "0":
        yield wrong("database", "Statements have no time limit: a pooler drops it; set statement_timeout of the role.")
    else:
        yield fine("database", f"A statement may take {limit}.")
    for name, value in zip(DURABILITY_SETTINGS, durability, strict=True):
        if value == "off":
            yield odd("database", f"{name} is off: what was acknowledged may be lost when it crashes.")
