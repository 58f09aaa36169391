"""Database schema of the life list: columns of items that tell why one was dropped, its target, how often, where, how.

Nothing that is there changes: it is to be done once, and all else is null. Going down, what they hold is lost, and what
long texts among it took is given back.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COUNTED_ABOVE = 2048
FOLDED = ("name", "name_folded", "description", "description_folded")
PLAIN = ("dropped_reason", "place", "steps", "links")
# With their rules: SQLite adds one to a table with a column only, unless it copies all rows.
ADDED = {
    "dropped_reason": "TEXT CONSTRAINT ck_items_dropped_reason CHECK (dropped_reason IS NULL OR state = 'dropped')",
    "target": "TEXT",
    "target_first": "INTEGER",
    "target_rank": "INTEGER CONSTRAINT ck_items_target CHECK ("
    "(target IS NULL) = (target_first IS NULL) AND (target IS NULL) = (target_rank IS NULL))",
    "times": "INTEGER DEFAULT '1' NOT NULL CONSTRAINT ck_items_times CHECK (times BETWEEN 1 AND 100000)",
    "place": "TEXT",
    "steps": "TEXT",
    "links": "TEXT",
}


def upgrade() -> None:
    for name, kind in ADDED.items():
        op.execute(f"ALTER TABLE items ADD COLUMN {name} {kind}")


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    octets = "length(CAST({} AS BLOB))" if is_sqlite else "octet_length({})"
    less, more = (
        " + ".join(f"coalesce({octets.format(name)}, 0)" for name in names) for names in (FOLDED, (*FOLDED, *PLAIN))
    )
    counted = "CASE WHEN {0} > {1} THEN {0} ELSE 0 END"
    lost = f"{counted.format(more, COUNTED_ABOVE)} - {counted.format(less, COUNTED_ABOVE)}"
    is_longer = " OR ".join(f"{name} IS NOT NULL" for name in PLAIN)
    op.execute(
        f"UPDATE users SET text_bytes = text_bytes - (SELECT coalesce(sum({lost}), 0) FROM items"  # noqa: S608  # names of ours
        f" WHERE user_id = users.id AND ({is_longer})) WHERE text_bytes > 0"
    )
    for name in reversed(ADDED):
        op.execute(f"ALTER TABLE items DROP COLUMN {name}")
