"""Commit message check: titles since the last release, each imperative and at most 72 characters, over a body.

    python deploy/commits.py [FOLDER]        or: make check-commits

Where no history is at hand, as in a source archive or a shallow clone, it says so and refuses nothing.

Source: git-commit(1), “Discussion”; gitworkflows(7).
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BEGIN = "f463778"  # what came before is left as it was; it counts until the first release
LONGEST = 72
# A verb in another form, as far as a machine can tell; and words that begin no request.
NOT_IMPERATIVE = re.compile(r"(?!(?:Bring|Embed|Focus|Alias)\b)(?:\w+(?:[^e]ed|ing|[^s]s)|An?|The|This|It|New)\b")
TRAILER = re.compile(r"[\w-]+-by: .*")


class NoHistory(Exception):
    """The message says why nothing can be checked."""


def main(folder: Path) -> int:
    try:
        since = find_base(folder)
    except NoHistory as reason:
        print(f"Commit messages are not checked: {reason}.")
        return 0
    commits = read_commits(folder, since)
    wrong = [f"{name} “{title}” {fault}" for name, title, body in commits for fault in find_faults(title, body)]
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    print(f"{len(commits)} commit messages since {since} are in order")
    return 0


def find_base(folder: Path) -> str:
    """The last release, or `BEGIN`. Raises: `NoHistory`."""
    top = try_git(folder, "rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() != folder.resolve():  # or it lies within a checkout of something else
        raise NoHistory("this is no checkout of git, or git is missing")
    release = try_git(folder, "describe", "--tags", "--abbrev=0", "--match", "v*")
    base = release or try_git(folder, "rev-parse", "--short", "--verify", f"{BEGIN}^{{commit}}")
    if not base:
        raise NoHistory(f"this clone has no release, nor {BEGIN} (git fetch --unshallow --tags)")
    return base


def read_commits(folder: Path, since: str) -> list[tuple[str, str, str]]:
    """Name, title and body of each commit since then, but for merges."""
    log = git(folder, "log", "--no-merges", "--format=%h%x00%s%x00%b%x01", f"{since}..HEAD")
    return [(name, title, body) for name, title, body in (each.strip().split("\0") for each in log.split("\1")[:-1])]


def find_faults(title: str, body: str) -> list[str]:
    faults = {
        f"has {len(title)} characters; {LONGEST} are enough": len(title) > LONGEST,
        "has to begin with a capital letter and to end without a full stop": not re.fullmatch("[A-Z].*[^.]", title),
        "has to be an imperative: “Add”, not “Added” or “Adds”": NOT_IMPERATIVE.match(title) is not None,
        "has to have a body that says why": not TRAILER.sub("", body).strip(),
    }
    return [fault for fault, is_so in faults.items() if is_so]


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8", errors="replace").stdout.strip()


def try_git(folder: Path, *arguments: str) -> str | None:
    try:
        return git(folder, *arguments)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else ROOT))
