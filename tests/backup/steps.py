"""What tests of backups do again and again."""

from pathlib import Path

from sqlalchemy import text

from bucketlist.backup.archive import Manifest
from bucketlist.backup.backups import ENDED, LEFT_OUT
from bucketlist.config import Settings
from bucketlist.models import items
from tests.bulk import insert_rows, item_rows
from tests.commands import refusal, succeed
from tests.migrations.conftest import ADA
from tests.raw_database import Rows, environment_of, open_database, read_all_tables
from tests.workers import open_worker

Content = list[tuple[str, int, str]]


def command(settings: Settings, folder: Path, *arguments: str) -> str:
    return succeed(folder, *arguments, **environment_of(settings))


def refused(settings: Settings, folder: Path, *arguments: str) -> str:
    """The sentence with which a command refuses."""
    return refusal(folder, *arguments, **environment_of(settings))


def rows_of(settings: Settings) -> dict[str, Rows]:
    """All rows that a backup is to hold."""
    return {name: rows for name, rows in read_all_tables(settings).items() if name not in LEFT_OUT}


def restored_rows(settings: Settings) -> dict[str, Rows]:
    """All rows that a restore is to bring back."""
    return {name: [] if name in ENDED else rows for name, rows in rows_of(settings).items()}


def content_of(manifest: Manifest) -> Content:
    """Equal for two backups exactly when they hold the same rows, whatever database they came from."""
    return [(member.table, member.rows, member.sha256) for member in manifest.members]


def log_in(settings: Settings, email: str = ADA["email"], password: str = ADA["password"]) -> int:
    with open_worker(settings) as app:
        answer = app.test_client().post("/v1/auth/login", json={"email": email, "password": password})
    return answer.status_code


def add_items(settings: Settings, count: int) -> None:
    """To the first bucket that there is."""
    with open_database(settings) as connection:
        user_id, bucket_id = connection.execute(text("SELECT user_id, id FROM buckets LIMIT 1")).one()
    insert_rows(settings, items, item_rows(str(user_id), str(bucket_id), count))
