"""Import contracts of pyproject.toml, which room is above which: they hold, and each is seen to break."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# An import that a contract forbids: the contract, the module, what it must not import.
VIOLATIONS = [
    ("rooms", "kit.clock", "config"),
    ("rooms", "auth.access", "limits.rate_limits"),
    ("rooms", "limits.bounds", "mail.notifications"),
    ("rooms", "mail.notifications", "sessions.lifecycle"),
    ("rooms", "sessions.service", "accounts.recovery"),
    ("rooms", "accounts.service", "buckets.service"),
    ("rooms", "buckets.service", "items.service"),
    ("rooms", "backup.verify", "ops.readiness"),
    ("rooms", "docs.assets", "server.graceful_shutdown"),
    ("kit-wings", "kit.db.database", "kit.http.links"),
]


@pytest.fixture(scope="session")
def copied_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its contracts, to be spoilt and put right again."""
    folder = tmp_path_factory.mktemp("contracts")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "bucketlist", folder / "bucketlist", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def lint_imports(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    options = [option for contract in contracts for option in ("--contract", contract)]
    command = [sys.executable, "-c", LINT, "--no-logo", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_all_contracts_hold(copied_package: Path) -> None:
    result = lint_imports(copied_package)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", [contract["id"] for contract in CONTRACTS])
def test_a_contract_breaks_when_it_is_violated(copied_package: Path, contract: str) -> None:
    """In each of the ways, all of which are tried at once."""
    wrong = [(importer, imported) for name, importer, imported in VIOLATIONS if name == contract]
    paths = {name: copied_package.joinpath("bucketlist", *name.split(".")).with_suffix(".py") for name, _ in wrong}
    before = {path: path.read_text() for path in paths.values()}
    for importer, imported in wrong:
        paths[importer].write_text(f"{before[paths[importer]]}\nimport bucketlist.{imported}\n")

    result = lint_imports(copied_package, contract)
    for path, text in before.items():
        path.write_text(text)

    assert result.returncode == 1, result.stdout + result.stderr
    told = [f"bucketlist.{importer} -> bucketlist.{imported} (l." in result.stdout for importer, imported in wrong]
    assert told == [True] * len(wrong), result.stdout
    assert wrong


def test_a_room_without_a_place_in_the_order_breaks_the_contract(copied_package: Path) -> None:
    room = copied_package / "bucketlist" / "attic.py"
    room.write_text("")

    result = lint_imports(copied_package, "rooms")
    room.unlink()

    assert "attic" in result.stdout
    assert result.returncode == 1
