"""Fork server of the tests: its processes differ from others in how soon they begin, and in nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import fork_server
from tests.fork_server import Forked
from tests.patience import LONG
from tests.servers import environment, run_command


def begin(folder: Path, *arguments: str, session: bool = False, **settings: str) -> Forked | subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log, Path(os.devnull).open() as nothing:
        wanted = environment(folder, **settings)
        return fork_server.start(folder, *arguments, environment=wanted, streams=(nothing, log, log), session=session)


@pytest.mark.skipif(sys.platform != "linux", reason="Elsewhere than on Linux nothing is forked.")
def test_it_is_a_child_of_this_process_with_the_folder_and_the_streams_that_it_was_given(tmp_path: Path) -> None:
    process = begin(tmp_path, "openapi", "written.json")

    assert isinstance(process, Forked)
    assert process.wait() == 0
    assert (tmp_path / "written.json").read_text().startswith("{")
    with pytest.raises(ChildProcessError):
        os.waitpid(process.pid, 0)  # it is gone, and it was ours


def test_it_knows_nothing_of_the_environment_of_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    fork_server.fork_server.cache_clear()  # so that one begins with it

    told = run_command(tmp_path, "db", "upgrade")

    assert told.returncode == 0, told.stderr
    assert "SQLite" in told.stderr


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONWARNINGS", "COVERAGE_PROCESS_CONFIG", "TZ"])
def test_what_is_read_before_any_code_of_ours_takes_a_start_from_nothing(name: str, tmp_path: Path) -> None:
    process = begin(tmp_path, "--version", session=False, **{name: "/dev/null"})
    process.wait(timeout=LONG)

    assert isinstance(process, subprocess.Popen)


def test_it_ends_as_it_would_otherwise(tmp_path: Path) -> None:
    refused = run_command(tmp_path, "db", "downgrade", "nowhere", "--yes")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1].startswith("Error: There is no database at ")


@pytest.mark.parametrize("session", [False, True])
def test_it_has_a_session_of_its_own_if_wanted(session: bool, tmp_path: Path) -> None:
    process = begin(tmp_path, "openapi", session=session)

    found = os.getsid(process.pid)

    process.kill()
    assert process.wait() in (0, -9)  # it may have been done before
    assert (found == process.pid) is session
