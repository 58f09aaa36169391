"""The connection URL of PostgreSQL, refused before anything is done with it when it cannot be understood."""

import psycopg
from psycopg.conninfo import conninfo_to_dict

POSTGRES_SCHEMES = ("postgresql://", "postgres://")


def refuse_unclear_database(url: str) -> None:
    """Raises: `ValueError`, which never tells the address: there may be a password in any part of it.

    An “@” or “/” that is not encoded moves a piece of the password into the name of the host or of the database.
    """
    if not url.startswith(POSTGRES_SCHEMES):
        raise ValueError("must begin with postgresql://; leave it empty for SQLite in DATA_DIR")
    try:
        parts = conninfo_to_dict(url)
    except (psycopg.Error, UnicodeError):
        parts = {"host": "@"}
    ports = str(parts.get("port", "")).replace(",", "")
    if "@" in f"{parts.get('host')}{parts.get('dbname')}" or not (ports == "" or ports.isdecimal()):
        raise ValueError("cannot be understood; special characters of the password have to be encoded, @ as %40")


def name_of_database(url: str) -> str:
    """`PostgreSQL, database lists at db.example.com:5432`: as much of it as the URL says, and never a password."""
    parts = conninfo_to_dict(url)
    name, host, port = (str(parts.get(part) or "") for part in ("dbname", "host", "port"))
    place = f"{host}:{port}" if host and port else host or (f"port {port}" if port else "")
    return "PostgreSQL" + (f", database {name}" if name else "") + (f" at {place}" if place else "")
