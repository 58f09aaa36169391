"""Import contracts (layers) of pyproject.toml hold, and each is seen to break when somebody violates it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# An import that a contract forbids: the contract, the module, the line that is added to it.
VIOLATIONS = [
    ("rooms", "kit/clock.py", "from bucketlist import config"),
    ("rooms", "buckets/service.py", "from bucketlist.items.service import get_item"),
    ("rooms", "auth/access.py", "from bucketlist.limits import rate_limits"),
    ("rooms", "limits/bounds.py", "from bucketlist.mail import notifications"),
    ("rooms", "mail/notifications.py", "from bucketlist.sessions import lifecycle"),
    ("rooms", "sessions/service.py", "from bucketlist.accounts import recovery"),
    ("rooms", "accounts/service.py", "from bucketlist.buckets import service as buckets"),
    ("rooms", "backup/verify.py", "from bucketlist.ops import readiness"),
    ("rooms", "docs/assets.py", "from bucketlist.server import graceful_shutdown"),
    ("kit-wings", "kit/db/database.py", "from bucketlist.kit.http import links"),
    ("rooms", "auth/guard.py", "from bucketlist.services import services"),
    ("no-flask", "kit/db/database.py", "from flask import current_app"),
    ("no-flask", "config/__init__.py", "from bucketlist.kit.http import links"),
    ("inside", "items/schemas.py", "from bucketlist.items import queries"),
    ("inside", "accounts/queries.py", "from bucketlist.accounts import service"),
    ("inside", "buckets/service.py", "from bucketlist.buckets import routes"),
    ("no-http", "buckets/service.py", "import flask"),
    ("no-http", "items/queries.py", "from werkzeug.exceptions import NotFound"),
    ("no-http", "models.py", "from flask import g"),
    ("no-http", "accounts/login.py", "from bucketlist.auth.guard import actor"),
    ("no-sql", "items/routes.py", "from sqlalchemy import select"),
    ("no-sql", "accounts/service.py", "from bucketlist import models"),
    ("routes", "cli/dummy.py", "from bucketlist.items import routes"),
    ("auth-doors", "items/service.py", "from bucketlist.auth.passwords import hash_password"),
    ("auth-tokens", "buckets/routes.py", "from bucketlist.auth import tokens"),
    ("limits-doors", "items/service.py", "from bucketlist.limits import rate_limit_queries"),
    ("limits-rates", "buckets/service.py", "from bucketlist.limits import rate_limits"),
    ("mail-doors", "accounts/recovery.py", "from bucketlist.mail import queries"),
    ("mail-links", "sessions/service.py", "from bucketlist.mail import link_queries"),
    ("purging-doors", "buckets/service.py", "from bucketlist.purging import queries"),
    ("sessions-doors", "items/service.py", "from bucketlist.sessions import queries"),
    ("accounts-doors", "items/service.py", "from bucketlist.accounts import queries"),
    ("accounts-schemas", "buckets/schemas.py", "from bucketlist.accounts.schemas import RegisterIn"),
    ("buckets-doors", "items/service.py", "from bucketlist.buckets import queries"),
    ("buckets-schemas", "items/schemas.py", "from bucketlist.buckets.schemas import BucketIn"),
    ("items-doors", "cli/dummy.py", "from bucketlist.items import queries"),
    ("items-schemas", "app.py", "from bucketlist.items import schemas"),
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


def test_every_contract_is_violated_by_an_example() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {violation[0] for violation in VIOLATIONS}


@pytest.mark.parametrize(("contract", "module", "line"), VIOLATIONS)
def test_a_contract_breaks_when_it_is_violated(copied_package: Path, contract: str, module: str, line: str) -> None:
    path = copied_package / "bucketlist" / module
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")

    result = lint_imports(copied_package, contract)
    path.write_text(before)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "Contracts: 0 kept, 1 broken." in result.stdout


def test_a_room_without_a_place_in_the_order_breaks_the_contract(copied_package: Path) -> None:
    room = copied_package / "bucketlist" / "attic.py"
    room.write_text("")

    result = lint_imports(copied_package, "rooms")
    room.unlink()

    assert "attic" in result.stdout
    assert result.returncode == 1
