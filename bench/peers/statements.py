# ruff: noqa: S608  # what is put together are constants; every value is a parameter
"""SQL statements of the two peers on asyncpg: as bucketlist has it, one a request.

Each starts from the live session: no row says that the token is worthless, a row of nulls that there is no such thing.
`$1`, `$2`, `$3` are always the user, the session and the token.
"""

LIVE = """
    live AS (
        SELECT user_id FROM sessions
        WHERE user_id = $1 AND id = $2 AND expires_at > now()
            AND NOT EXISTS (SELECT FROM blacklisted_tokens WHERE user_id = $1 AND id = $3)
    )
"""
ITEM_COLUMNS = "id::text, bucket_id::text, name, description, state, position, created_at, modified_at"
COUNTED = "(SELECT count(*) FROM (SELECT FROM {rows} LIMIT 10000) AS counted) AS count"

READ_ITEM = f"""
    WITH {LIVE}
    SELECT item.* FROM live
    LEFT JOIN (SELECT {ITEM_COLUMNS} FROM items WHERE user_id = $1 AND id = $4) AS item ON true
"""


def item_list(rows: str, *, bucket: str, is_first: bool) -> str:
    """A page of items behind the count of all and the bucket; `$4` says what `rows` are, `$5` is the limit."""
    place = "" if is_first else "AND (position, id) > ($6, $7)"
    return f"""
        WITH {LIVE}
        SELECT {COUNTED.format(rows=rows)}, {bucket} AS found, page.* FROM live
        LEFT JOIN (
            SELECT {ITEM_COLUMNS} FROM {rows} {place} ORDER BY items.position, items.id LIMIT $5
        ) AS page ON true
        ORDER BY page.position, page.id
    """


_IN_BUCKET = {
    "rows": "items WHERE user_id = $1 AND bucket_id = $4",
    "bucket": "EXISTS (SELECT FROM buckets WHERE user_id = $1 AND id = $4)",
}
_FOUND = {
    "rows": "items WHERE user_id = $1 AND ($4::text IS NULL OR name_folded LIKE $4 OR description_folded LIKE $4)",
    "bucket": "true",
}
LIST_BUCKET_ITEMS = item_list(**_IN_BUCKET, is_first=True)
LIST_BUCKET_ITEMS_AFTER = item_list(**_IN_BUCKET, is_first=False)
LIST_ITEMS = item_list(**_FOUND, is_first=True)
LIST_ITEMS_AFTER = item_list(**_FOUND, is_first=False)


def bucket_list(*, is_first: bool) -> str:
    """A page of buckets with the counts of their items behind the count of all; `$4` is the limit."""
    place = "" if is_first else "AND (position, id) > ($5, $6)"
    return f"""
        WITH {LIVE}
        SELECT {COUNTED.format(rows="buckets WHERE user_id = $1")},
            page.id, page.name, page.description, page.position, page.created_at, page.modified_at,
            counts.item_count, counts.done_count
        FROM live
        LEFT JOIN (
            SELECT id AS bucket_id, id::text, name, description, position, created_at, modified_at
            FROM buckets WHERE user_id = $1 {place} ORDER BY buckets.position, buckets.id LIMIT $4
        ) AS page ON true
        LEFT JOIN LATERAL (
            SELECT count(*) AS item_count, count(*) FILTER (WHERE state = 'done') AS done_count
            FROM items WHERE user_id = $1 AND bucket_id = page.bucket_id
        ) AS counts ON true
        ORDER BY page.position, page.bucket_id
    """


LIST_BUCKETS = bucket_list(is_first=True)
LIST_BUCKETS_AFTER = bucket_list(is_first=False)

ADD_ITEM = f"""
    WITH {LIVE}, added AS (
        INSERT INTO items (
            user_id, id, bucket_id, name, name_folded, state, position, version, created_at, modified_at
        )
        SELECT $1, $5, buckets.id, $6, $7, 'open', coalesce((
            SELECT max(position) FROM items WHERE user_id = $1 AND bucket_id = $4
        ), 0) + 1, 1, $8, $8
        FROM live JOIN buckets ON buckets.user_id = $1 AND buckets.id = $4
        RETURNING {ITEM_COLUMNS}
    )
    SELECT added.* FROM live LEFT JOIN added ON true
"""
CHANGE_ITEM = f"""
    WITH {LIVE}, changed AS (
        UPDATE items SET name = $5, name_folded = $6, version = version + 1, modified_at = $7
        FROM live WHERE items.user_id = $1 AND items.id = $4
        RETURNING {ITEM_COLUMNS}
    )
    SELECT changed.* FROM live LEFT JOIN changed ON true
"""
FIND_USER = """
    SELECT users.id::text, email, name, created_at, modified_at, password_hash
    FROM email_addresses JOIN users ON users.id = email_addresses.user_id WHERE email_folded = $1
"""
OPEN_SESSION = """
    WITH opened AS (
        INSERT INTO sessions (user_id, id, created_at, last_used_at, expires_at) VALUES ($1, $2, $3, $3, $4)
    )
    INSERT INTO refresh_tokens (token_hash, user_id, session_id, expires_at) VALUES ($5, $1, $2, $4)
"""
