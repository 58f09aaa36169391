"""R13: personal access tokens on a read-only database: who reads does so, though the use cannot be noted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of
from tests import databases
from tests.faults.conftest import migrated
from tests.faults.test_fill_the_disk import small_disk
from tests.people import PASSWORD, Person, make_person
from tests.raw_database import open_database
from tests.responses import json_of

SCRIPT = {"name": "Script", "scope": "write", "currentPassword": PASSWORD}


@contextmanager
def person_on(settings: Settings) -> Iterator[tuple[ApiApp, Person]]:
    app = create_app(settings)
    with services_of(app).at_work():
        try:
            yield app, make_person(app, "ada@example.com")
        finally:
            services_of(app).database.pool.close()


def token_of(person: Person) -> dict[str, str]:
    """The header of a new personal token of theirs."""
    return {"Authorization": f"Bearer {json_of(person.post('/v1/auth/tokens', SCRIPT))['token']}"}


def see_reads_go_on(app: ApiApp, token: dict[str, str]) -> None:
    """Nothing can be written; twice, for the first use is the one to be noted."""
    reads = [app.test_client().get(path, headers=token).status_code for path in ("/v1/buckets", "/v1/users/me")]
    write = app.test_client().post("/v1/buckets", json={"name": "Far away"}, headers=token)
    assert (reads, write.status_code) == ([200, 200], 503)


def use_up(disk: Path) -> None:
    """To the last byte."""
    with (disk / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(64 * 1024)):
                pass
        except OSError:
            return


def test_r13_a_full_disk_does_not_stop_a_token_from_reading() -> None:
    with small_disk(4) as disk, person_on(migrated(disk / "data")) as (app, ada):
        token = token_of(ada)
        use_up(disk)

        see_reads_go_on(app, token)


def test_r13_a_file_that_is_read_only_does_not_stop_a_token_from_reading(tmp_path: Path) -> None:
    with person_on(migrated(tmp_path / "data")) as (app, ada):
        token = token_of(ada)
        pool = services_of(app).database.pool
        lent: Any = pool.acquire(checked=False)  # one of SQLite
        lent._raw.execute("PRAGMA query_only = ON")
        pool.release(lent)

        assert app.test_client().get("/v1/buckets", headers=token).status_code == 200


def test_r13_a_database_that_is_read_only_does_not_stop_a_token_from_reading(postgres_url: str, tmp_path: Path) -> None:
    settings = migrated(tmp_path / "data", databases.create_database(postgres_url))
    with person_on(settings) as (app, ada):
        token = token_of(ada)
        with open_database(settings) as connection:
            name = connection.scalar(text("SELECT current_database()"))
            connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        services_of(app).database.pool.close()
        reader = create_app(settings)

        see_reads_go_on(reader, token)

        services_of(reader).database.pool.close()
