"""Query plans where the server is Citus: it plans for the values of each statement, as only then one server is asked.

A plain server stands in for it, with an extension by its name.
"""

import json
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from bucketlist.kit.db import failover
from bucketlist.kit.db.address import connect
from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.postgres_driver import PostgresDriver
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.logs import configure_logs
from tests import citus, databases

pytestmark = citus.is_acted

PLANS = Statement(select(func.current_setting("plan_cache_mode")))
THEIRS = f"options={quote('-c plan_cache_mode=force_custom_plan')}"


@pytest.fixture
def url(postgres_url: str) -> str:
    return databases.create_database(postgres_url)


def plans_of(driver: PostgresDriver) -> str:
    """The setting that a new connection of the pool has."""
    database = Database(driver, 1)
    found: str = database.execute(PLANS, {})[0][0]
    database.pool.close()
    return found


def test_plans_are_made_once_until_the_server_is_citus(url: str) -> None:
    driver = PostgresDriver(url)
    before = (plans_of(driver), driver.is_citus)
    databases.pretend_citus(url)

    assert before == ("force_generic_plan", False)
    assert (plans_of(driver), driver.is_citus) == ("auto", True)


def test_a_connection_that_was_begun_before_another_saw_it_is_opened_anew(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    databases.pretend_citus(url)
    driver = PostgresDriver(url)

    def connect_slowly(*address: Any, **options: Any) -> Any:
        connection = connect(*address, **options)
        driver.servers.has_citus = True
        return connection

    monkeypatch.setattr(failover, "connect", connect_slowly)

    assert plans_of(driver) == "auto"


def test_an_operators_own_mode_holds_on_both(url: str) -> None:
    driver = PostgresDriver(f"{url}{'&' if '?' in url else '?'}{THEIRS}")
    before = plans_of(driver)
    databases.pretend_citus(url)

    assert [before, plans_of(driver)] == ["force_custom_plan"] * 2


def test_behind_a_pooler_the_role_may_not_have_plans_made_once(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs(is_debug=False)
    databases.give_settings(url)
    databases.pretend_citus(url)

    with pytest.raises(Unavailable):
        PostgresDriver(url, may_prepare=False).connect()

    told = json.loads(capfd.readouterr().err.splitlines()[0])
    assert (told["setting"], told["found"], told["wanted"]) == ("plan_cache_mode", "force_generic_plan", "auto")


def test_behind_a_pooler_a_role_that_lets_it_plan_is_taken(url: str) -> None:
    databases.give_settings(url, plan_cache_mode="auto")
    databases.pretend_citus(url)

    assert plans_of(PostgresDriver(url, may_prepare=False)) == "auto"
