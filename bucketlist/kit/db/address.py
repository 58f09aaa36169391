"""Connection to PostgreSQL: the address of a server, and the one way to connect to it.

Whoever connects, the pool, a command or a migration, comes through `connect`, so that all of them see one database.
What the operator says is read as libpq reads it: in the URL, in a service file, in `PGOPTIONS`.

Source: https://www.postgresql.org/docs/current/libpq-connect.html, libpq-envars.html and libpq-pgservice.html
"""

import os
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from bucketlist.kit.db.driver import STATEMENT_SECONDS

CONNECT_SECONDS = 2
NEEDED = ("timezone", "datestyle", "client_encoding")  # what is sent and what comes back is read by them
OPTIONS = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "client_encoding": "UTF8",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": "3s",
    "plan_cache_mode": "force_generic_plan",  # one plan a statement: planning a search anew costs more than searching
}
NOWHERE = {"host": "/nowhere", "hostaddr": "", "port": ""}  # so that the address is read and nobody is called


def connect(url: str, *, may_prepare: bool = True, name: str = "") -> psycopg.Connection:
    """A connection that commits by itself, with our `OPTIONS`; behind a pooler, which refuses them, without.

    Of what the operator says too, ours wins where it is `NEEDED`, and theirs elsewhere, as with the `name` under which
    PostgreSQL lists it. Raises: `psycopg.Error`.
    """
    for variable in ("PGTZ", "PGDATESTYLE"):  # they would win over all options
        os.environ.pop(variable, None)
    theirs = read_parameters(url)
    parameters: dict[str, Any] = {"client_encoding": OPTIONS["client_encoding"]}
    if "connect_timeout" not in theirs:
        parameters["connect_timeout"] = CONNECT_SECONDS
    if name:
        parameters["fallback_application_name"] = name
    if may_prepare:
        parameters["options"] = add_options(theirs.get("options", ""))
    return psycopg.connect(url, autocommit=True, prepare_threshold=None, **parameters)


def read_parameters(url: str) -> dict[str, str]:
    """What holds for a connection to `url`, from wherever libpq has it, but where the server is."""
    found = pq.PGconn.connect_start(make_conninfo(url, **NOWHERE).encode())
    try:
        return {option.keyword.decode(): option.val.decode() for option in found.info if option.val is not None}
    finally:
        found.finish()


def add_options(theirs: str) -> str:
    """Of a setting that is there twice, the last wins."""
    before, after = (
        " ".join(f"-c {name}={value}" for name, value in OPTIONS.items() if (name in NEEDED) is is_needed)
        for is_needed in (False, True)
    )
    return " ".join(part for part in (before, theirs, after) if part)
