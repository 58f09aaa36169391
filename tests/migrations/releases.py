"""A later release of the software: a copy of the package with one more revision, run as a process of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

import bucketlist
from bucketlist.migrations import NEWEST_REVISION
from tests import fork_server
from tests.servers import environment, run_with

REVISION = '''"""What comes next."""

import os
import time
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
'''

# Both tables are parents: of buckets, items, sessions and more. On SQLite each is copied, dropped and put in place.
UPGRADE = """
with op.batch_alter_table("users", recreate="auto") as batch:
    batch.add_column(sa.Column("nickname", sa.Text(), nullable=False, server_default="none"))
    batch.alter_column("name", new_column_name="full_name")
with op.batch_alter_table("buckets") as batch:
    batch.add_column(sa.Column("colour", sa.Text()))
    batch.alter_column("description", existing_type=sa.Text(), nullable=True, new_column_name="about")
    batch.create_check_constraint("colour", "colour <> ''")
"""
DOWNGRADE = """
with op.batch_alter_table("buckets") as batch:
    batch.drop_constraint(op.f("ck_buckets_colour"), type_="check")
    batch.alter_column("about", existing_type=sa.Text(), new_column_name="description")
    batch.drop_column("colour")
with op.batch_alter_table("users") as batch:
    batch.alter_column("full_name", new_column_name="name")
    batch.drop_column("nickname")
"""


@dataclass
class Release:
    """Where the package lies, and the environment in which its commands run."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_with(self.environment, self.folder, *arguments)

    def succeed(self, *arguments: str) -> str:
        ended = self.run(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    @contextmanager
    def killed(self, *arguments: str) -> Iterator[None]:
        """Begun, and killed when the block ends."""
        with Path(os.devnull).open("r+") as nothing:
            streams = (nothing, nothing, nothing)
            process = fork_server.start(self.folder, *arguments, environment=self.environment, streams=streams)
        try:
            yield
            assert process.poll() is None, "it has ended by itself"
        finally:
            process.kill()
            process.wait()


def make_release(folder: Path, database: dict[str, str], upgrade: str = UPGRADE, downgrade: str = DOWNGRADE) -> Release:
    """A release whose revision `next` does what `upgrade` and `downgrade` say, on `database`."""
    package = folder / "next" / "bucketlist"
    shutil.copytree(Path(bucketlist.__file__).parent, package, ignore=shutil.ignore_patterns("static", "*.txt"))
    bodies = {
        "newest": NEWEST_REVISION,
        "upgrade": indent(dedent(upgrade), "    "),
        "downgrade": indent(dedent(downgrade), "    "),
    }
    (package / "migrations" / "versions" / "next.py").write_text(REVISION.format_map(bodies))
    own = {name: value for name, value in environment(folder, **database).items() if not name.startswith("COVERAGE")}
    return Release(package.parent, own)
