"""Mutation testing sandbox: a copy of the project, and a process that has imported all but the project.

For each mutant it forks, and the child imports the project anew and runs tests until the first fails. That takes a
fraction of the time that a new process would, and what is made when a module is imported (statements of SQL, schemas)
is made of the mutant's code too. Runs with the Python of the tests; one task a line comes in, one outcome goes out.
"""

import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import psycopg
import pytest
from hypothesis import Phase, settings

OURS = ("bucketlist", "tests", "mutants", "embedded_postgres")
PLUGINS = (
    "_hypothesis_pytestplugin",
    "hypothesis",
    "time_machine",
    "aiosmtpd.controller",
    "flask.testing",
    "_pytest.assertion.rewrite",
)
FIND_ONLY = (Phase.explicit, Phase.generate)  # what is found need not be made small
KNOWN = ["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]  # before the fork, on purpose
NOISE = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:pytest_cov", "-p", "no:xdist", "--no-header", "--tb=no"]


class Witness:
    """Runs the wanted tests in the wanted order, lends the PostgreSQL of this world, and names the test that failed."""

    def __init__(self, wanted: list[str], postgres_url: str, told: BinaryIO) -> None:
        self._places = {node_id: place for place, node_id in enumerate(wanted)}
        self._postgres_url = postgres_url
        self._told = told

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._places:
            kept = [item for item in items if item.nodeid in self._places]
            items[:] = sorted(kept, key=lambda item: self._places[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: pytest.FixtureRequest) -> str | None:
        if fixturedef.argname != "postgres_url" or not self._postgres_url:
            return None
        fixturedef.cached_result = (self._postgres_url, fixturedef.cache_key(request), None)
        return self._postgres_url

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._told.write(report.nodeid.encode())

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._told.write(b"import")


def main() -> None:
    """One task a line: `path` and `source` of a mutant, `files` and `tests` to run, seconds it may take."""
    for module in _modules_of_others():
        with suppress(Exception):
            importlib.import_module(module)
    settings.register_profile("mutants", database=None, derandomize=True, deadline=None, phases=FIND_ONLY)
    settings.load_profile("mutants")
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    with _postgres() as postgres_url:
        for line in sys.stdin:
            task = json.loads(line)
            print(json.dumps(_judge(task, postgres_url)), flush=True)


def _judge(task: dict[str, Any], postgres_url: str) -> dict[str, Any]:
    path = Path(task["path"])
    original = path.read_text()
    path.write_text(task["source"])
    began = time.monotonic()
    try:
        code, told = _run(task, postgres_url)
    finally:
        path.write_text(original)
    return {"code": code, "told": told, "seconds": round(time.monotonic() - began, 2)}


def _run(task: dict[str, Any], postgres_url: str) -> tuple[int, str]:
    """The exit code of the tests, negative for a signal, and which test failed."""
    with tempfile.TemporaryFile() as told:
        child = os.fork()
        if child == 0:
            _be_the_child(task, postgres_url, told)
        try:
            code = _wait(child, time.monotonic() + task["seconds"])
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)  # what the tests have started
        _drop_databases(postgres_url, child)
        told.seek(0)
        return code, told.read().decode()


def _be_the_child(task: dict[str, Any], postgres_url: str, told: BinaryIO) -> NoReturn:
    os.setsid()
    for descriptor in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    resource.setrlimit(resource.RLIMIT_CPU, (task["cpu_seconds"], task["cpu_seconds"] + 1))
    code = 3
    try:
        witness = Witness(task["tests"], postgres_url, told)
        code = pytest.main([*KNOWN, *NOISE, f"--basetemp={task['folder']}", *task["files"]], plugins=[witness])
        told.flush()
    finally:
        os._exit(code)


def _wait(child: int, deadline: float) -> int:
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _drop_databases(server_url: str, child: int) -> None:
    """Those that the child has made: `tests/databases.py` names them by process."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"bucketlist_{child}_%"])
        for (name,) in names.fetchall():
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextmanager
def _postgres() -> Iterator[str]:
    """The address of a PostgreSQL, run by a child, for the project's own modules must not be imported here."""
    reading, writing = os.pipe()
    ended, end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(end)
        _keep_postgres(writing, ended)
    os.close(ended)
    try:
        yield os.read(reading, 1000).decode()
    finally:
        os.close(end)
        os.waitpid(child, 0)


def _keep_postgres(writing: int, ended: int) -> NoReturn:
    os.setsid()
    databases = importlib.import_module("tests.databases")
    with databases.postgres_server() as url:
        os.write(writing, url.encode())
        os.read(ended, 1)  # nothing is ever written: it returns when the other end is closed
    os._exit(0)


def _modules_of_others() -> list[str]:
    """What a child can import before it forks: all that the project and its tests import and is not theirs."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        for module in ("bucketlist.app", "bucketlist.cli", "tests.conftest", *PLUGINS):
            with suppress(Exception):
                importlib.import_module(module)
        os.write(writing, " ".join(name for name in sys.modules if name.partition(".")[0] not in OURS).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as names:
        found = names.read().split()
    os.waitpid(child, 0)
    return found


if __name__ == "__main__":
    main()
