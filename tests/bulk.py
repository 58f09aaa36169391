"""Bulk insert for tests: many rows at once, past the service, as requests would take minutes."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Any

import psycopg
from sqlalchemy import Table, update

from bucketlist.auth.recording import is_recorded
from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.kit.fuzzy_dates import FuzzyDate
from bucketlist.kit.ids import new_id
from bucketlist.kit.text import fold, fold_lines
from bucketlist.models import buckets, changes, entries, files, items, users
from bucketlist.tags.encoding import join
from tests.raw_database import open_database

Rows = Iterable[dict[str, Any]]


def insert_rows(settings: Settings, table: Table, rows: Rows) -> None:
    """All of them at once; every row has a value for every column. What is recorded gets its row of the log."""
    rows = list(rows)
    _insert(settings, table, rows)
    if is_recorded(table):
        _insert(settings, changes, [_log_row(str(table.info["kind"]), row) for row in rows])
        with open_database(settings) as connection:
            connection.execute(update(users).where(users.c.change_number < 1).values(change_number=1))


def _log_row(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    told = {"user_id": row["user_id"], "number": row["version"], "kind": kind, "thing_id": row["id"]}
    return told | {
        "action": "created",
        "at": row["created_at"],
        "actor_id": row["user_id"],
        "session_id": None,
        "by_token": 0,
        "fields": None,
    }


def _insert(settings: Settings, table: Table, rows: Rows) -> None:
    columns = [column.name for column in table.columns]
    values = [[row[name] for name in columns] for row in rows]
    names = ", ".join(columns)
    if settings.database_url:
        command = f"COPY {table.name} ({names}) FROM STDIN".encode()
        with psycopg.connect(settings.database_url) as server, server.cursor().copy(command) as copy:
            for row in values:
                copy.write_row(row)
        return
    places = ", ".join("?" * len(columns))
    with closing(sqlite3.connect(settings.sqlite_path)) as connection, connection:
        connection.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", values)  # noqa: S608  # ours


def bucket_rows(user_id: str, count: int) -> list[dict[str, Any]]:
    """Buckets of a user with made-up names, one after the other."""
    names = ((f"Bucket {number:06}", number) for number in range(1, count + 1))
    return [_row(buckets, user_id, name, number) | {"archived": 0} for name, number in names]


def item_rows(user_id: str, bucket_id: str, count: int) -> list[dict[str, Any]]:
    """Items of a bucket with made-up names, one after the other, for one summer; every third is done."""
    target = FuzzyDate.parse("2031-22")
    more = {"bucket_id": bucket_id, "times": 1, "times_done": 0}
    more |= {"target": target.text, "target_first": target.first, "target_rank": target.rank}
    return [
        _row(items, user_id, f"Item {number:06}", number) | more | {"state": "open" if number % 3 else "done"}
        for number in range(1, count + 1)
    ]


def tag_rows(item_rows: Rows, count: int) -> list[dict[str, Any]]:
    """Gives each of these items one of so many tags, in turn; what is found by them."""
    found = []
    for number, row in enumerate(item_rows):
        name = f"Tag {number % count}"
        row["tags"] = join([name])
        found.append({"user_id": row["user_id"], "item_id": row["id"], "name": name, "name_folded": fold(name)})
    return found


def entry_rows(item_rows: Rows, count: int) -> list[dict[str, Any]]:
    """Gives each of these items so many entries, of one day, none of which completes it."""
    day, folded = FuzzyDate.parse("2026-11-24"), fold("Green")
    row = dict.fromkeys(column.name for column in entries.columns)
    row |= {"completes": 0, "date": day.text, "date_first": day.first, "date_rank": day.rank}
    row |= {"version": 1, "created_at": clock.now_text(), "modified_at": clock.now_text()}
    row |= {"title": "Green", "title_folded": folded, "people": '["Nora"]', "people_folded": fold_lines(["Nora"])}
    wanted = [item for item in item_rows for _ in range(count)]
    return [row | {"user_id": item["user_id"], "item_id": item["id"], "id": new_id()} for item in wanted]


def photo_rows(user_id: str, item_id: str, count: int) -> list[dict[str, Any]]:
    """Photos of an item, of which there are no files."""
    sizes = {"bytes": 3, "preview_bytes": 2, "thumbnail_bytes": 1, "kept_bytes": 6, "width": 8, "height": 6}
    more = {"item_id": item_id, "kind": "photo", "media_type": "image/jpeg", "sha256": "0" * 64, **sizes}
    rows = [_row(files, user_id, "", number) | more for number in range(1, count + 1)]
    return [row | {"shown_at": f"2026-07-14T18:00:{number % 60:02}"} for number, row in enumerate(rows)]


def refresh_token_rows(user_id: str, session_id: str, count: int) -> list[dict[str, Any]]:
    """Refresh tokens of a session that were used, and are remembered."""
    times = {"rotated_at": clock.now_text(), "expires_at": clock.text_from_now(days=30)}
    return [{"token_hash": new_id(), "user_id": user_id, "session_id": session_id, **times} for _ in range(count)]


def _row(table: Table, user_id: str, name: str, position: int) -> dict[str, Any]:
    now = clock.now_text()
    row = dict.fromkeys(column.name for column in table.columns)
    row |= {"user_id": user_id, "id": new_id(), "name": name, "name_folded": fold(name), "position": position}
    return row | {"version": 1, "created_at": now, "modified_at": now}
