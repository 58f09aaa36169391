"""Test fixtures for every test: an application on a real database, people, a real server.

Every test that asks for `app`, directly or not, runs on SQLite and on PostgreSQL.
"""

import gc
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from bucketlist.config import Settings, load_settings
from bucketlist.kit.db.driver import Compiled, Values
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.migrations import runner
from bucketlist.services import services_of
from tests import citus, databases, two_servers
from tests.coverage_scope import (
    counted_children,
    counts,
    fixture_counts,
    import_the_package,
    traced,
    untraced,
    wants_all,
)
from tests.hashing import dear_hashes, hash_cheaply  # noqa: F401  # a fixture
from tests.leaks import pytest_runtest_teardown  # noqa: F401  # a hook, which is found by its name
from tests.links import LinkCheckingClient
from tests.network import guard_the_network
from tests.object_stores import NewFilesUrl, start_object_store
from tests.people import Person, make_person
from tests.product_statements import guard_the_statements
from tests.resources import listed, things  # noqa: F401  # fixtures
from tests.servers import LiveServer, start_server
from tests.two_servers import is_wanted
from tests.workers import (  # noqa: F401  # fixtures as well
    Keeper,
    at_work,
    clock,
    hashings,
    limited_ada,
    limited_app,
    limited_client,
    open_worker,
    other_limited_worker,
    other_worker,
    patient_hashing,
    worker_with,
)

AWAY = "smtp://127.0.0.1:1"  # a mail server that nobody reaches; letters wait until a test looks at them
SECRET = "a-key-for-the-suite-of-32-bytes-and-more"
SQLITE = "postgresql" if is_wanted else "sqlite"  # two servers share no file

Tell = Callable[[str], None]

on_sqlite = pytest.mark.parametrize("database_url", [SQLITE], indirect=True)
"""For what has nothing to do with the database."""
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""For what can only go wrong where many write at once."""
on_both_paths = pytest.mark.parametrize(
    ("database_url", "base_path"),
    dict.fromkeys([(SQLITE, ""), ("postgresql", ""), (SQLITE, "/x/y")]),  # each once
    indirect=True,
)
"""For a file about links: it runs a second time under a path."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Iterator[None]:
    """To read and rewrite all tests takes twice as long when it is measured, in each process."""
    import_the_package()
    with untraced():
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes seconds begins first, so that no process is still at it when the others are done."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Nine thousand tests are many objects, and none of them ever becomes garbage: do not look at them again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Pytest's own work, which is half of a short test, is not measured; where contexts are switched, it has to be."""
    with counted_children(item), nullcontext() if wants_all(item.config) else untraced():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """The innermost: a test without its fixtures."""
    with traced() if counts(pyfuncitem) else nullcontext():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """The fixtures, each by itself."""
    with traced() if fixture_counts(fixturedef, request.config) else nullcontext():
        return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is collected."""
    guard_the_network()
    guard_the_statements()
    hash_cheaply()
    for plugin in filter(None, (citus.plugin, two_servers.plugin)):
        config.pluginmanager.register(plugin)
    hypothesis_settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    hypothesis_settings.load_profile("any machine")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this run's own, without a database of ours yet."""
    with databases.postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def keeper() -> Iterator[Keeper]:
    """What is made for a kind of database, until the run ends."""
    with ExitStack() as stack:
        yield Keeper(stack)


@pytest.fixture(scope="session", params=dict.fromkeys([SQLITE, "postgresql"]))
def database_url(request: pytest.FixtureRequest, keeper: Keeper) -> str:
    """An empty database: the address of one in PostgreSQL, or nothing, which means SQLite."""
    if request.param == "sqlite":
        return ""
    return keeper.get(
        "database", lambda: nullcontext(databases.create_database(request.getfixturevalue("postgres_url")))
    )


@pytest.fixture(scope="session")
def settings(database_url: str, keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return keeper.get(
        f"settings {database_url}",
        lambda: nullcontext(
            load_settings(
                app_setting="testing",
                secret_key=SECRET,
                database_url=database_url,
                data_dir=tmp_path_factory.mktemp("data"),
                ratelimit_enabled=False,
                mail_url=AWAY,
            )
        ),
    )


@pytest.fixture(scope="session")
def migrated_app(settings: Settings, base_path: str, keeper: Keeper) -> ApiApp:
    home = f"https://lists.example.com{base_path}" if base_path else ""
    wanted = settings.model_copy(update={"public_url": home})

    def migrate() -> AbstractContextManager[ApiApp]:
        runner.upgrade(wanted)
        return open_worker(wanted)

    app = keeper.get(f"app {settings.database_url}{base_path}", migrate)
    app.test_client_class = LinkCheckingClient
    return app


@pytest.fixture(scope="session")
def base_path(request: pytest.FixtureRequest) -> str:
    """The path under which the service stands: nothing, but for `on_both_paths`."""
    return str(getattr(request, "param", ""))


@pytest.fixture
def app(migrated_app: ApiApp) -> Iterator[ApiApp]:
    """The application, at work, on an empty database."""
    yield from at_work(migrated_app)


@pytest.fixture
def client(app: ApiApp) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


@pytest.fixture
def ada(app: ApiApp) -> Person:
    """The owner."""
    return make_person(app, "ada@example.com", "Ada")


@pytest.fixture
def ben(app: ApiApp) -> Person:
    """Somebody Ada knows."""
    return make_person(app, "ben@example.com", "Ben")


@pytest.fixture
def cleo(app: ApiApp) -> Person:
    """A stranger."""
    return make_person(app, "cleo@example.com", "Cleo")


@pytest.fixture
def statements(app: ApiApp) -> Iterator[list[Compiled]]:
    """Every statement that is executed while the test runs; clear it before what you count."""
    seen: list[Compiled] = []

    def note(statement: Compiled, _: Values) -> None:
        seen.append(statement)

    database = services_of(app).database
    database.on_execute = note
    yield seen
    database.on_execute = None


@pytest.fixture(scope="session")
def live_server(settings: Settings, keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> LiveServer:
    """The command `bucketlist serve`, on a port and with data of its own."""

    def start() -> AbstractContextManager[LiveServer]:
        url = databases.create_database(settings.database_url)
        return start_server(tmp_path_factory.mktemp("live"), DATABASE_URL=url)

    return keeper.get(f"server {settings.database_url}", start)


@pytest.fixture(scope="session")
def new_files_url(keeper: Keeper) -> NewFilesUrl:
    """Makes the `FILES_URL` of an empty folder in an object store."""
    return keeper.get("object store", start_object_store)


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Prints what was measured, for the handbook."""

    def print_it(measured: str) -> None:
        with capsys.disabled():
            print(f"\n{measured}")  # noqa: T201  # what it is for

    return print_it
