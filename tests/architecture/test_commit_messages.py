"""Commit message check of `make check`: it sees what is wrong with a title, and a body that is missing."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "deploy" / "commits.py"
ME = ("-c", "user.name=Nora", "-c", "user.email=nora@example.com", "-c", "commit.gpgsign=false")
GOOD = "Add password reset by mail"
WHY = "People forget."

Commit = Callable[..., None]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *ME, *arguments], cwd=folder, check=True, capture_output=True)


def check(folder: Path) -> tuple[int, str]:
    """The exit code, and what was said."""
    done = subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def commit(tmp_path: Path) -> Commit:
    """Makes a commit in a history that begins with a release, whose title nobody looks at."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")

    def commit(*paragraphs: str) -> None:
        messages = [part for paragraph in paragraphs for part in ("--message", paragraph)]
        git(tmp_path, "commit", "--quiet", "--allow-empty", *messages)

    commit("released, and done with.")
    git(tmp_path, "tag", "v1.0.0")
    return commit


def test_a_commit_that_says_what_and_why_is_in_order(commit: Commit, tmp_path: Path) -> None:
    commit(GOOD, WHY)
    commit("Bring back the rate limit ".ljust(72, "x"), WHY)

    assert check(tmp_path) == (0, "2 commit messages since v1.0.0 are in order\n")


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ((GOOD + "x" * 47, WHY), "has 73 characters; 72 are enough"),
        ((GOOD + ".", WHY), "without a full stop"),
        (("mail: reset passwords", WHY), "begin with a capital letter"),
        (("Added password reset", WHY), "has to be an imperative"),
        (("Adds password reset", WHY), "has to be an imperative"),
        (("Adding password reset", WHY), "has to be an imperative"),
        (("The password reset", WHY), "has to be an imperative"),
        ((GOOD,), "has to have a body that says why"),
        ((GOOD, "Signed-off-by: Nora <nora@example.com>"), "has to have a body that says why"),
    ],
)
def test_what_is_wrong_with_a_commit_is_told(
    commit: Commit, tmp_path: Path, message: tuple[str, ...], fault: str
) -> None:
    commit(*message)

    code, said = check(tmp_path)

    assert code == 1
    assert message[0] in said
    assert fault in said


def test_what_comes_before_the_last_release_is_left_alone(commit: Commit, tmp_path: Path) -> None:
    commit("wrong.")
    git(tmp_path, "tag", "v1.1.0")

    assert check(tmp_path) == (0, "0 commit messages since v1.1.0 are in order\n")


def test_a_shallow_clone_is_told_what_it_lacks(commit: Commit, tmp_path: Path) -> None:
    commit(GOOD, WHY)
    clone = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-tags", tmp_path.as_uri(), str(clone))

    code, said = check(clone)

    assert code == 0
    assert said.startswith("Commit messages are not checked: this clone has no release")


def test_a_source_archive_has_nothing_to_check_even_within_another_checkout(commit: Commit, tmp_path: Path) -> None:
    commit("wrong.")
    archive = tmp_path / "bucketlist-1.0.0"
    archive.mkdir()

    assert check(archive) == (0, "Commit messages are not checked: this is no checkout of git, or git is missing.\n")
