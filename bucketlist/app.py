"""Application factory (`create_app`) of the REST API: the only file that knows every room."""

from contextlib import suppress

import structlog

from bucketlist.accounts import routes as accounts
from bucketlist.auth.cookie_sessions import CookieSessions
from bucketlist.auth.guard import Guard, guard
from bucketlist.auth.personal_tokens import PersonalTokens
from bucketlist.auth.tokens import AccessTokens
from bucketlist.buckets import routes as buckets
from bucketlist.config import Settings
from bucketlist.config.storage import file_storage_of
from bucketlist.docs import routes as docs
from bucketlist.docs.about import ABOUT
from bucketlist.entries import routes as entries
from bucketlist.feed import routes as feed
from bucketlist.history import routes as history
from bucketlist.items import routes as items
from bucketlist.kit.db.database import Database
from bucketlist.kit.db.driver import Driver, rules_of
from bucketlist.kit.db.postgres_driver import PostgresDriver
from bucketlist.kit.db.sqlite import SqliteDriver
from bucketlist.kit.files import make_private
from bucketlist.kit.http.clients import BehindProxies
from bucketlist.kit.http.cors import allow_origins
from bucketlist.kit.http.error_handlers import answer_errors
from bucketlist.kit.http.links import UnderPath
from bucketlist.kit.http.middleware import App, RequestMiddleware
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.http.proxies import ProxyHint
from bucketlist.kit.http.request_heads import refuse_broken_heads
from bucketlist.kit.http.trusted_hosts import refuse_strange_hosts
from bucketlist.kit.locks import KeyedLock
from bucketlist.kit.log_writer import stderr
from bucketlist.kit.logs import configure_logs
from bucketlist.kit.metrics import RequestHistogram, add_gauge
from bucketlist.limits.errors import RequestInProgress
from bucketlist.models import metadata
from bucketlist.ops import routes as ops
from bucketlist.photos import routes as photos
from bucketlist.services import KEY, Services
from bucketlist.sessions import routes as sessions
from bucketlist.tags import routes as tags
from bucketlist.trash import routes as trash
from bucketlist.web import routes as web

log = structlog.get_logger()


def create_app(settings: Settings) -> ApiApp:
    """The WSGI application. It connects to the database when the first request needs it."""
    configure_logs(is_debug=settings.debug)
    app = ApiApp("bucketlist", ABOUT, settings.public_url or "/")
    app.extensions[KEY] = services = make_services(settings)
    app.config["PUBLIC_URL"] = settings.base_url
    answer_errors(app, web.page_of_nothing)
    _limit_callers(app, settings)
    cookies = (services.cookie_sessions, settings.cookie_name("session"))
    guard(app, Guard(services.access_tokens, services.personal_tokens, *cookies, ProxyHint(settings.trusted_proxies)))
    _add_rooms(app, settings)
    app.publish()
    app.wsgi_app = _wrap(app, services)  # type: ignore[method-assign]  # as Flask's documentation has it
    return app


def make_services(settings: Settings) -> Services:
    """What an application is made of, which is all that a command needs. No connection is opened yet."""
    add_gauge("log_lines_dropped", "Lines of the log that could not be written.", lambda: stderr.dropped)
    return Services(
        settings=settings,
        database=_make_database(settings),
        access_tokens=AccessTokens(settings.key("access-token")),
        personal_tokens=PersonalTokens(settings.key("personal-token")),
        cookie_sessions=CookieSessions(settings.key("session-cookie"), settings.key("csrf")),
        keyed_lock=KeyedLock(RequestInProgress),
        files=file_storage_of(settings),
        histogram=RequestHistogram() if settings.is_measured else None,
    )


def _add_rooms(app: ApiApp, settings: Settings) -> None:
    for room in (
        accounts.blueprint,
        accounts.accounts,
        sessions.blueprint,
        sessions.tokens,
        buckets.blueprint,
        items.blueprint,
        entries.blueprint,
        tags.blueprint,
        photos.blueprint,
        trash.blueprint,
        history.blueprint,
        feed.blueprint,
        ops.blueprint,
    ):
        app.register_api(room)
    app.register_blueprint(docs.blueprint)
    web.install(app)
    if settings.metrics_token:
        app.register_blueprint(ops.metrics)


def _limit_callers(app: ApiApp, settings: Settings) -> None:
    """Hooks before a request (`before_request`), ahead of the guard."""
    refuse_broken_heads(app)
    refuse_strange_hosts(app, settings.allowed_hosts)
    allow_origins(app, settings.allowed_origins)


def _make_database(settings: Settings) -> Database:
    _keep_private(settings)
    database = Database(make_driver(settings), settings.database_pool_size)
    add_gauge("database_connections_in_use", "Database connections that are lent.", database.pool.count_in_use)
    add_gauge("database_connections", "Database connections that can be lent.", lambda: database.pool.size)
    return database


def _keep_private(settings: Settings) -> None:
    """Close what an older version left open to others, whichever server this is. Those of others stay as they are."""
    with suppress(OSError):
        for path in make_private(settings.private_files):
            log.warning("file_was_open_to_others", file=str(path))


def make_driver(settings: Settings) -> Driver:
    """How the database is reached that the settings name."""
    rules = rules_of(metadata)
    if settings.database_url:
        url, may_prepare = settings.database_url, settings.database_prepare
        return PostgresDriver(url, may_prepare=may_prepare, rules=rules, name=settings.server_name)
    return SqliteDriver(settings.sqlite_path, rules=rules)


def _wrap(app: ApiApp, services: Services) -> RequestMiddleware:
    """The WSGI middleware around the application, from the inside to the outside."""
    settings = services.settings
    proxies = settings.trusted_proxies
    inner: App = UnderPath(app.wsgi_app, settings.base_path) if settings.base_path else app.wsgi_app
    inner = BehindProxies(inner, proxies) if proxies else inner
    extra = [("Strict-Transport-Security", "max-age=31536000")] if settings.is_https else []
    return RequestMiddleware(
        inner, services=services, extra_headers=extra, access_log=settings.access_log, histogram=services.histogram
    )
