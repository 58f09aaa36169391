"""Connection to PostgreSQL: the address of a server, and the one way to connect to it.

Whoever connects, the pool, a command or a migration, comes through `connect`, so that all of them see one database.
What the operator says is read as libpq reads it: in the URL, in a service file, in `PGOPTIONS`.

Source: https://www.postgresql.org/docs/current/libpq-connect.html, libpq-envars.html and libpq-pgservice.html
"""

import os
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from bucketlist.kit.db.driver import STATEMENT_SECONDS
from bucketlist.kit.db.postgres_hosts import SESSIONS, WRITABLE, Host, split_hosts

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
ON_CITUS = {"plan_cache_mode": "auto"}  # a statement is sent to one server by its values, or is refused
UNLESS_SAID = {
    "connect_timeout": CONNECT_SECONDS,
    # A server whose machine is gone sends no farewell; who waits for its answer would wait for hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
NOBODY = {"gssencmode": "nobody"}  # no value of it, so that all others are read and nobody is called


def connect(
    url: str,
    *,
    may_prepare: bool = True,
    has_citus: bool = False,
    name: str = "",
    host: Host | None = None,
    attributes: str = "",
) -> psycopg.Connection:
    """A connection that commits by itself, with our options; behind a pooler, which refuses them, without.

    Of what the operator says too, ours wins where it is `NEEDED`, and theirs elsewhere, as with the `name` under which
    PostgreSQL lists it. Of several hosts it is one that takes writes, and `host` if that is named; `attributes` are
    other target_session_attrs. Raises: `psycopg.Error`.
    """
    for variable in ("PGTZ", "PGDATESTYLE"):  # they would win over all options
        os.environ.pop(variable, None)
    theirs = read_parameters(url)
    parameters: dict[str, Any] = {"client_encoding": OPTIONS["client_encoding"]}
    parameters |= {key: value for key, value in UNLESS_SAID.items() if key not in theirs}
    if name:
        parameters["fallback_application_name"] = name
    if len(split_hosts(theirs)) > 1 and theirs.get("target_session_attrs") not in SESSIONS:
        parameters["target_session_attrs"] = WRITABLE
    if host is not None:
        parameters |= host._asdict()
    if attributes:
        parameters["target_session_attrs"] = attributes
    if may_prepare:
        parameters["options"] = add_options(theirs.get("options", ""), options_for(has_citus=has_citus))
    return psycopg.connect(url, autocommit=True, prepare_threshold=None, **parameters)


def options_for(*, has_citus: bool) -> Mapping[str, str]:
    """Session options (GUC), by whether the database is one of Citus."""
    return OPTIONS | ON_CITUS if has_citus else OPTIONS


def read_parameters(url: str) -> dict[str, str]:
    """What holds for a connection to `url`, from wherever libpq has it: the URL, a service file, the environment."""
    found = pq.PGconn.connect_start(make_conninfo(url, **NOBODY).encode())
    try:
        return {option.keyword.decode(): option.val.decode() for option in found.info if option.val is not None}
    finally:
        found.finish()


def add_options(theirs: str, ours: Mapping[str, str]) -> str:
    """Of a setting that is there twice, the last wins."""
    before, after = (
        " ".join(f"-c {name}={value}" for name, value in ours.items() if (name in NEEDED) is is_needed)
        for is_needed in (False, True)
    )
    return " ".join(part for part in (before, theirs, after) if part)
