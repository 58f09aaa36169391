"""Locks are complete: what an index offers on the day changes nothing that is installed (supply chain)."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pip
import pytest
from packaging.utils import canonicalize_name

from tests.empty_wheels import NEWER, Pin, pins, requirements_of, write_wheel

ROOT = Path(__file__).parents[2]
LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "bench" / "requirements.txt"]
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
NAMED = {lock.stem: lock for lock in LOCKS}
PLACES = {  # an environment of each recipe that makes some, as the Makefiles call it, and the locks that it is made of
    ".venv": [NAMED["runtime"], NAMED["build"], NAMED["dev"]],
    "bench/.venv": [NAMED["requirements"]],
    f".cache/mutants-{VERSION}": [NAMED["build"], NAMED["mutants"]],
}


VENV_WITHOUT_PIP = """
import subprocess, sys
sys.exit(subprocess.call([sys.executable, "-I", "-m", "venv", "--without-pip", *sys.argv[1:]]))
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Makefile and the locks, whose packages are in the folder `wheels`, empty: as locked, and newer."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("wheels", "requirements", "bench", "modules"):
        (folder / name).mkdir()
    for part in ("Makefile", "pyproject.toml", "bench/Makefile.part"):
        shutil.copy(ROOT / part, folder / part)
    (folder / "modules" / "pip").symlink_to(Path(pip.__file__).parent)
    (folder / "modules" / "venv.py").write_text(VENV_WITHOUT_PIP)  # pip takes seconds to install
    for place, locks in PLACES.items():
        wheels = folder / "wheels" / place
        wheels.mkdir(parents=True)
        offer([pin for lock in locks for pin in pins(lock)], wheels)
        for lock in locks:
            lines = [pin.line(wheels) for pin in pins(lock)]
            (folder / lock.relative_to(ROOT)).write_text("".join(lines))
    return folder


def offer(locked: list[Pin], wheels: Path) -> None:
    """Each package as it is locked, and newer."""
    for name, version in {(pin.name, pin.version) for pin in locked}:
        write_wheel(wheels, name, version, requirements_of(name, locked))
        write_wheel(wheels, name, NEWER)


def make(checkout: Path, place: str) -> subprocess.CompletedProcess[str]:
    """Set up one environment as the Makefile does it; bucketlist itself, which is no package of a lock, is left out."""
    target = f"{place}/.dev" if place == ".venv" else f"{place}/.ready"
    only_wheels = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(checkout / "wheels" / place),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE", "COVERAGE_"))}
    return subprocess.run(
        ["make", f"PYTHON={sys.executable}", "VENV=.venv", "SDISTS=:none:", "--assume-old=.venv/.package", target],
        cwd=checkout,
        env=kept | only_wheels | {"PYTHONPATH": str(checkout / "modules")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.threat(row=51)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_locked_is_installed_though_all_of_it_is_out_in_a_newer_release(checkout: Path, place: str) -> None:
    locked = {pin.name: pin.version for lock in PLACES[place] for pin in pins(lock) if pin.is_for_here}

    made = make(checkout, place)

    site = checkout / place / "lib" / f"python{VERSION}" / "site-packages"
    installed = {canonicalize_name(each.name): each.version for each in distributions(path=[str(site)])}
    assert made.returncode == 0, made.stdout + made.stderr
    assert installed == locked


def test_a_lock_that_lacks_a_package_stops_the_set_up(checkout: Path) -> None:
    lock = checkout / "requirements" / "mutants.txt"
    lines = [line for line in lock.read_text().splitlines(keepends=True) if not line.startswith("sqlalchemy==")]
    lock.write_text("".join(lines))

    made = make(checkout, f".cache/mutants-{VERSION}")

    assert made.returncode != 0
    assert "sqlalchemy" in made.stdout + made.stderr
