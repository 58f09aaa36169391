"""Server command `bucketlist serve`, and what belongs to a server: `routes`, `openapi`, `prune`."""

import os
from pathlib import Path

import click
import structlog
from pydantic_core import to_json

from bucketlist import __version__
from bucketlist.app import create_app
from bucketlist.cli.schema import application, prepare_to_serve
from bucketlist.config import Settings, load_settings
from bucketlist.config.names import likely, misspelt, names_in_file, unknown
from bucketlist.kit.clock import now_text
from bucketlist.kit.logs import configure_logs
from bucketlist.ops import pruning
from bucketlist.server import granian
from bucketlist.server.metrics_port import serve_metrics

log = structlog.get_logger()


@click.command()
@click.option("--host", help="The address to listen on (HOST).")
@click.option("--port", type=int, help="The port to listen on (PORT).")
def serve(host: str | None, port: int | None) -> None:
    """Serve until Ctrl-C. SQLite is brought up to date first; PostgreSQL has to be (see “db upgrade”).

    \b
    Examples:
      bucketlist serve --port 9000
      DATABASE_URL=postgresql://… WORKERS=4 bucketlist serve
    """
    for name, value in (("HOST", host), ("PORT", port)):
        if value is not None:
            os.environ[name] = str(value)  # the workers read their settings themselves
    settings = load_settings()
    address = settings.host
    if not granian.is_handed_over(os.getpid()):
        address = granian.find_address(settings.host, settings.port)
    driver = prepare_to_serve(settings)
    granian.protect_logs()
    try:
        with serve_metrics(settings):
            _announce(settings)
            granian.serve(settings, address)
    finally:
        granian.finish(driver)


def _announce(settings: Settings) -> None:
    """In production as a line of the log; to others as people talk. Names that look like mistakes are told first."""
    configure_logs(is_debug=settings.debug)
    for name in misspelt(os.environ):
        log.warning("setting_looks_misspelt", name=name, meant=likely(name))
    if others := unknown(names_in_file()):
        log.warning("settings_unknown", names=others, file=".env")
    if settings.app_setting == "production":
        told = {"version": __version__, "setting": "production", "database": settings.place, "url": settings.base_url}
        click.echo(to_json({"time": now_text(), "event": "starts", "level": "info", **told}).decode())
        return
    click.echo(f"bucketlist {__version__}, {settings.app_setting}, on {settings.place}")
    click.echo(f"Open {settings.base_url} in a browser; Ctrl-C stops it.")


@click.command()
def routes() -> None:
    """List every route with its methods. What a request takes and answers is in “openapi”."""
    settings = load_settings()
    app = create_app(settings)
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        click.echo(f"{methods:7} {settings.base_path}{rule.rule}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def openapi(file: Path | None) -> None:
    """Write the OpenAPI document to FILE, or print it.

    \b
    Example:
      bucketlist openapi openapi.json
    """
    document = create_app(load_settings()).document_json
    if file:
        file.write_text(document)
    else:
        click.echo(document, nl=False)


@click.command()
def prune() -> None:
    """Remove what has expired: tokens, sessions, attempts, what lay in the trash for 30 days; and what is left of it.

    The server does so every hour.
    """
    with application():
        pruning.prune()
    click.echo("Pruned.")
