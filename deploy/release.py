"""A release: version, dated changelog, the API's document kept, wheel and sdist in dist/, a commit and its tag.

    python deploy/release.py 1.2.0        or: make release VERSION=1.2.0

Nothing is pushed. All is done or nothing: what fails on the way leaves the checkout as it was.

Source: https://semver.org, https://keepachangelog.com
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHANGELOG = ROOT / "CHANGELOG.md"
VERSION = ROOT / "bucketlist" / "__init__.py"
UNRELEASED = "## Unreleased\n"
NAMED = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


class CannotRelease(Exception):
    """The message says why."""


def release(version: str) -> None:
    """Raises: `CannotRelease`, `CalledProcessError`."""
    refuse(version)
    try:
        notes = date_changelog(version)
        change(VERSION, lambda text: NAMED.sub(f'__version__ = "{version}"', text))
        document = run(sys.executable, "-m", "bucketlist", "openapi")
        (ROOT / "openapi.json").write_text(document, encoding="utf-8")
        run(sys.executable, "-m", "contract.growth", "--release")
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist")
        git("add", "--all")
        git("commit", "--quiet", "--message", f"Release {version}", "--message", notes)
        git("tag", "--annotate", f"v{version}", "--message", f"bucketlist {version}\n\n{notes}")
    except BaseException:
        git("reset", "--quiet", "--hard")
        git("clean", "--quiet", "--force", "contract/released")
        raise


def refuse(version: str) -> None:
    """Raises: `CannotRelease` unless `version` may come next and all is committed."""
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        raise CannotRelease("VERSION is three numbers, as in 1.2.0.")
    current = NAMED.findall(VERSION.read_text(encoding="utf-8"))[0]
    if numbers(version) < numbers(current):
        raise CannotRelease(f"{version} is older than {current}.")
    if git("tag", "--list", f"v{version}"):
        raise CannotRelease(f"{version} has been released: there is a tag.")
    if git("status", "--porcelain"):
        raise CannotRelease("Not all is committed.")
    if not git("branch", "--show-current"):
        raise CannotRelease("A release is made on a branch.")


def numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def date_changelog(version: str) -> str:
    """What has changed, which gets the heading of the version and of the day; above it, nothing is unreleased."""
    before, _, after = CHANGELOG.read_text(encoding="utf-8").partition(UNRELEASED)
    notes = after.partition("\n## ")[0].strip()
    if not notes:
        raise CannotRelease("Nothing stands under “Unreleased” in CHANGELOG.md.")
    heading = f"## {version}, {datetime.now(UTC).date()}\n"
    CHANGELOG.write_text(f"{before}{UNRELEASED}\n{heading}{after}", encoding="utf-8")
    return re.sub(r"^#+ ", "", notes, flags=re.MULTILINE)  # to git, a line with # is a comment


def change(file: Path, how: Callable[[str], str]) -> None:
    file.write_text(how(file.read_text(encoding="utf-8")), encoding="utf-8")


def git(*arguments: str) -> str:
    """What git says. Raises: `CannotRelease` with its words when it fails."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRelease(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def run(*command: str) -> str:
    """What it prints; as for “make openapi”, settings are those of tests. Raises: `CalledProcessError`."""
    settings = os.environ | {"APP_SETTING": "testing", "DATA_DIR": "build/data"}
    return subprocess.run(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    try:
        release(sys.argv[1] if len(sys.argv) > 1 else "")
    except CannotRelease as reason:
        sys.exit(str(reason))
    except subprocess.CalledProcessError as failed:
        sys.exit(f"Nothing is released, as this failed: {' '.join(failed.cmd)}")
    print(f"v{sys.argv[1]} is tagged and in dist/. Push it: git push --follow-tags", file=sys.stderr)
