"""Supply chain: few packages, each locked with hashes and without a word on its origin, and looked up among flaws."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.sources import PACKAGE, read_all

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NAMES = [lock.name for lock in LOCKS]


def locked(name: str) -> dict[str, str]:
    """The versions in a lock, by package."""
    text = (ROOT / "requirements" / name).read_text()
    found = re.findall(r"^([\w.-]+)==([^ ;]+)", text, re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}


def wanted(group: str) -> list[Requirement]:
    """What pyproject.toml asks for, groups within the group included."""
    if group == "runtime":
        return [Requirement(line) for line in PROJECT["project"]["dependencies"]]
    entries = PROJECT["dependency-groups"][group]
    included = [each for entry in entries if isinstance(entry, dict) for each in wanted(entry["include-group"])]
    return included + [Requirement(entry) for entry in entries if isinstance(entry, str)]


@pytest.mark.threat(row=51)
@pytest.mark.parametrize("name", NAMES)
def test_a_lock_names_no_host_no_folder_and_no_option_but_hashes(name: str) -> None:
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    is_known = re.compile(
        r"[a-z0-9][\w.\[\]-]*==\S+( ; [^/:]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|\s*#[^:]*:?[^/:]*"
    )

    assert [line for line in lines if not is_known.fullmatch(line)] == []
    assert [line for line in lines if "//" in line or "file:" in line] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_has_what_the_project_asks_for(name: str) -> None:
    found = locked(name)
    missing = [
        str(requirement)
        for requirement in wanted(Path(name).stem)
        if not requirement.specifier.contains(found.get(canonicalize_name(requirement.name), "0"))
    ]

    assert missing == [], "make lock"


def test_tests_run_with_the_versions_that_are_served() -> None:
    served, tested = locked("runtime.txt"), locked("dev.txt")

    assert {package: tested.get(package) for package in served} == served


@pytest.mark.threat(row=51)
def test_what_is_imported_is_asked_for_or_what_that_cannot_do_without() -> None:
    """Click comes with Flask, and is asked for by that."""
    asked_for = {canonicalize_name(one.name) for one in wanted("runtime")}
    along = {need for name in asked_for for need in needs_of(name)}
    by_module = packages_distributions()

    imported = {name.partition(".")[0] for file in read_all(PACKAGE) for name in file.imports} - {"bucketlist"}
    others = imported - set(sys.stdlib_module_names)

    assert {
        name for name in others if not {canonicalize_name(one) for one in by_module[name]} & (asked_for | along)
    } == set()
    assert {"click", "idna", "python-dotenv"} <= along - asked_for


def needs_of(package: str) -> set[str]:
    """What is installed with `package` in any case."""
    needs = [Requirement(line) for line in distribution(package).requires or ()]
    return {canonicalize_name(one.name) for one in needs if one.marker is None}


CLEAN = "No known vulnerabilities found"
FLAW = """Found 1 known vulnerability in 1 package
Name  Version ID             Fix Versions
----- ------- -------------- ------------
flask 0.1     PYSEC-2000-001 3.1"""
AWAY = "ERROR:pip_audit._cli:Failed to resolve 'vulnerabilities.example.com'"


def audit(folder: Path, says: str, code: int) -> subprocess.CompletedProcess[str]:
    """What `make audit` does when pip-audit says and returns this."""
    program = folder / "pip-audit"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\nexit {code}\n")
    program.chmod(0o755)
    settings = ["version=x", f"TOOLS={folder}", f"audit_log={folder / 'log'}"]
    return subprocess.run(
        ["make", "--assume-old", ".cache/tools-x/.ready", "audit", *settings],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.threat(row=51)
@pytest.mark.parametrize(
    ("says", "code", "told"),
    [
        (CLEAN, 0, "No known flaws in the locked packages"),
        (FLAW, 1, "PYSEC-2000-001"),
        (AWAY, 1, "Nothing was audited"),
        ("", 1, "Nothing was audited"),
        (CLEAN, 1, "Nothing was audited"),
    ],
)
def test_an_audit_tells_flaws_from_silence(tmp_path: Path, says: str, code: int, told: str) -> None:
    result = audit(tmp_path, says, code)

    assert (result.returncode == 0) == (code == 0), result.stderr
    assert told in result.stdout + result.stderr
    assert ("No known flaws" in result.stdout) == (code == 0)
