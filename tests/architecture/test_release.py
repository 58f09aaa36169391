"""F22: a release is one command, tried on a copy of this checkout: version, changelog, wheel, sdist, document, tag."""

import os
import re
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bucketlist import __version__
from tests.deploy.containerfile import BUILD

ROOT = Path(__file__).parents[2]
NEXT = "9.8.7"
ME = ("-c", "user.name=Nora", "-c", "user.email=nora@example.com")
AUTHOR = {
    f"GIT_{role}_{name}": value
    for role in ("AUTHOR", "COMMITTER")
    for name, value in (("NAME", "Nora"), ("EMAIL", "nora@example.com"))
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """All that git knows of this one, committed."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout
    copy = ["xargs", "-0", "cp", "--parents", "-t", str(tmp_path)]
    subprocess.run(copy, cwd=ROOT, input=names, check=True)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", "--all")
    git(tmp_path, *ME, "commit", "--quiet", "--message", "Begin")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def release(checkout: Path, version: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "COVERAGE_"))}
    return subprocess.run(
        [sys.executable, "deploy/release.py", version],
        cwd=checkout,
        env=kept | AUTHOR | {"PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_f22_a_release_is_one_command(checkout: Path) -> None:
    done = release(checkout, NEXT)

    today = datetime.now(UTC).date()
    assert done.returncode == 0, done.stderr
    assert f"## Unreleased\n\n## {NEXT}, {today}\n\n### Added" in (checkout / "CHANGELOG.md").read_text()
    assert (checkout / "contract" / "released" / f"openapi-{NEXT}.json").read_text().count(f'"version": "{NEXT}"') == 1
    assert git(checkout, "cat-file", "-t", f"v{NEXT}") == "tag"
    assert git(checkout, "show", f"v{NEXT}:bucketlist/__init__.py").endswith(f'__version__ = "{NEXT}"')
    assert git(checkout, "status", "--porcelain") == ""
    assert_whole(checkout / "dist")


def assert_whole(dist: Path) -> None:
    """There is a wheel, and an sdist with all that an installation takes."""
    assert [path.name for path in dist.glob("*.whl")] == [f"bucketlist-{NEXT}-py3-none-any.whl"]
    with tarfile.open(dist / f"bucketlist-{NEXT}.tar.gz") as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    copied = [source for word, rest in BUILD.steps if word == "COPY" for source in rest.split()[:-1]]
    wanted = [*copied, "Containerfile", ".containerignore", "Procfile", "requirements.txt", "deploy/compose.yaml"]
    assert [name for name in wanted if not any(found == name or found.startswith(f"{name}/") for found in names)] == []


@pytest.mark.slow
def test_f22_a_release_that_fails_leaves_all_as_it_was(checkout: Path) -> None:
    document = checkout / "contract" / "released" / f"openapi-{__version__}.json"
    document.write_text(document.read_text().replace('"/v1/buckets"', '"/v1/pails"'))
    git(checkout, *ME, "commit", "--quiet", "--all", "--message", "Promise what is not kept")
    before = git(checkout, "rev-parse", "HEAD")

    done = release(checkout, NEXT)

    assert done.returncode == 1
    assert "/v1/pails: the path is gone" in done.stderr
    assert (git(checkout, "rev-parse", "HEAD"), git(checkout, "status", "--porcelain")) == (before, "")
    assert git(checkout, "tag") == ""


@pytest.mark.slow
def test_f22_a_release_is_refused_in_a_sentence(checkout: Path) -> None:
    refused = [release(checkout, version).stderr for version in ("", "1.2", "v1.2.3", "01.2.3", "0.0.1")]
    (checkout / "README.md").write_text("Not committed.")
    refused.append(release(checkout, NEXT).stderr)
    git(checkout, "checkout", "--quiet", "README.md")
    git(checkout, "tag", f"v{NEXT}")
    refused.append(release(checkout, NEXT).stderr)

    assert [text for text in refused if not re.fullmatch(r"[^\n]+\.\n", text)] == []
    assert git(checkout, "status", "--porcelain") == ""


def test_f22_make_releases_the_version_that_it_is_told() -> None:
    command = ["make", "--dry-run", "release", f"VERSION={NEXT}"]

    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout

    assert told.rstrip().endswith(f"/python deploy/release.py {NEXT}")
