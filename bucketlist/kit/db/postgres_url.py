"""Connection URL (DSN) of PostgreSQL, refused before anything is done with it when it cannot be understood.

Source: https://www.postgresql.org/docs/current/libpq-connect.html section 32.1.1.2
"""

import re

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bucketlist.kit.db.address import read_parameters
from bucketlist.kit.db.postgres_hosts import refuse_standbys, refuse_unclear_hosts, split_hosts

POSTGRES_SCHEMES = ("postgresql://", "postgres://")
PASSWORD = "cannot be understood; special characters of the password have to be encoded, @ as %40"  # noqa: S105  # it is none
PORT = "has a port that is no number from 1 to 65535"
MOST_PORT = 65535
PARAMETER = re.compile(r'(\w+) .*URI query parameter: "(\w{0,63})"', re.ASCII)
ABOUT_PARAMETERS = {  # by the first word of what libpq says
    "invalid": "has a parameter “{}” that libpq does not know; sslmode is one that it does",
    "missing": "has a parameter “{0}” without a value; write {0}=…",
    "extra": "has a second “=” in its parameter “{}”; one in a value has to be encoded, as %3D",
}
ABOUT_THE_REST = {
    "spaces": "has a blank in it; one has to be encoded, as %20",
    "IPv6": "has no address between its brackets, as [::1] is one",
    'expected ":" or "/"': "has more than a port behind the address in brackets",
    "%00": "has a NUL in it, as %00",
    "percent-encoded token": "has a % without two hexadecimal digits; one that means itself has to be encoded, as %25",
}


def refuse_unclear_database(url: str) -> None:
    """Raises: `ValueError`, which never tells the address: there may be a password in any part of it.

    An “@” or “/” that is not encoded moves a piece of the password into the name of the host, of the database or of a
    parameter.
    """
    if not url.startswith(POSTGRES_SCHEMES):
        raise ValueError("must begin with postgresql://; leave it empty for SQLite in DATA_DIR")
    try:
        parts = conninfo_to_dict(url)
    except UnicodeError:
        raise ValueError("has characters encoded that are not UTF-8") from None
    except psycopg.Error as error:
        raise ValueError(_explain(url, str(error))) from None
    if "@" in f"{parts.get('host')}{parts.get('dbname')}":
        raise ValueError(PASSWORD)
    if not all(map(_is_port, str(parts.get("port") or "").split(","))):
        raise ValueError(PORT)
    refuse_unclear_hosts(parts)
    _refuse_unclear_servers(url, parts.get("target_session_attrs"))


def name_of_database(url: str) -> str:
    """`PostgreSQL, database lists at db.example.com:5432`: as much of it as the URL says, and never a password."""
    parts = conninfo_to_dict(url)
    name, place = str(parts.get("dbname") or ""), ", ".join(map(str, split_hosts(parts)))
    return "PostgreSQL" + (f", database {name}" if name else "") + (f" at {place}" if place else "")


def _refuse_unclear_servers(url: str, attributes: object) -> None:
    """The same of what the environment and a service file add. “any” counts in the URL only: it is libpq's default."""
    found = read_parameters(url)
    refuse_unclear_hosts(found)
    read = found.get("target_session_attrs")
    said = attributes or (read if read != "any" else None)
    refuse_standbys(str(said) if said else None, are_several=len(split_hosts(found)) > 1)


def _is_port(text: str) -> bool:
    """None is the usual one."""
    return text == "" or (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= MOST_PORT)


def _explain(url: str, said: str) -> str:
    """What is wrong with `url`, of which libpq `said` so; in other words, for it repeats what may be a password.

    The name of a parameter is one when there is no “@” but that before the host.
    """
    after_host = url.partition("://")[2].partition("/")[2]
    found = PARAMETER.search(said)
    if url.count("@") > 1 or "@" in after_host:
        return PASSWORD
    if found and found[1] in ABOUT_PARAMETERS:
        return ABOUT_PARAMETERS[found[1]].format(found[2])
    return next((told for word, told in ABOUT_THE_REST.items() if word in said), PASSWORD)
