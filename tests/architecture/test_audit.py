"""Supply chain audit: `make audit` says what it has found, and never that all is well when it could not ask."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
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
