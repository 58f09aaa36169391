"""PgBouncer in front of a PostgreSQL: a connection of the server is lent for one transaction, and there are two."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from psycopg.conninfo import conninfo_to_dict

from tests.concurrency import wait_until
from tests.deploy.proxies import find_program
from tests.patience import LONG
from tests.servers import free_port

SERVER_CONNECTIONS = 2
CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
"""


@contextmanager
def start_pooler(folder: Path, database_url: str) -> Iterator[str]:
    """The address of the database behind a PgBouncer, until the block ends."""
    server, port = conninfo_to_dict(database_url), free_port()
    folder.chmod(0o755)  # run as root, PgBouncer wants to be somebody else
    text = CONFIGURATION.format(
        host=server["host"],
        port=server.get("port", 5432),
        user=server["user"],
        listen_port=port,
        connections=SERVER_CONNECTIONS,
    )
    (folder / "pgbouncer.ini").write_text(text)
    place = Path(str(server["host"]))
    owner = place.owner() if place.is_dir() else "nobody"  # of the server's socket, if it has one
    as_owner = ["-u", owner] if os.geteuid() == 0 else []
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [find_program("pgbouncer"), *as_owner, str(folder / "pgbouncer.ini")], stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: accepts(port), seen=(folder / "log").read_text)
        yield urlunsplit(urlsplit(database_url)._replace(netloc=f"{server['user']}@127.0.0.1:{port}", query=""))
    finally:
        process.terminate()
        process.wait(timeout=LONG)


def accepts(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
