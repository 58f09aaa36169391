"""Health check: `bucketlist health`, for a container's HEALTHCHECK and whatever else starts the service.

It opens no database and makes no settings of all there are, which could fail for reasons of their own: what it needs is
where the service listens. Every address of the service is served with and without the path of PUBLIC_URL.
"""

import os
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click
from dotenv import dotenv_values

ADDRESS = "/healthz"
SECONDS = 3.0
LONGEST_ANSWER = 1024
HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # who listens everywhere is asked by the loopback


@click.command()
@click.option("--host", help="The address that the service listens on (HOST).")
@click.option("--port", help="The port that it listens on (PORT).")
def health(host: str | None, port: str | None) -> None:
    """Ask the service at HOST and PORT whether it lives: exit code 0, or 1 with the reason, within a few seconds.

    It looks at no database; the address /readyz says whether that is there.

    \b
    Examples, by hand and in a Containerfile:
      bucketlist health --port 9000
      HEALTHCHECK CMD ["bucketlist", "health"]
    """
    settings = _read_settings()
    address = (host or settings.get("HOST") or "127.0.0.1").strip().strip("[]")
    wrong = find_wrong(HERE.get(address, address), _read_port(port or settings.get("PORT") or "8000"))
    if wrong:
        raise click.ClickException(wrong)
    click.echo("The service lives.")


def _read_settings() -> dict[str, str]:
    """What stands in the environment, over what stands in the file `.env`, as far as that can be read."""
    file: dict[str, str | None] = {}
    with suppress(OSError, UnicodeDecodeError):
        file = dotenv_values(Path(".env"), encoding="utf-8", interpolate=False)
    return {name.upper(): value for name, value in (*file.items(), *os.environ.items()) if value}


def _read_port(text: str) -> int:
    """Raises: `ClickException`."""
    with suppress(ValueError):
        if 0 < (port := int(text)) < 65536:
            return port
    raise click.ClickException("PORT: must be a number from 1 to 65535.")


def find_wrong(host: str, port: int) -> str | None:
    """A sentence, when who listens there does not say that it is well."""
    place = f"http://{f'[{host}]' if ':' in host else host}:{port}{ADDRESS}"
    try:
        with closing(HTTPConnection(host, port, timeout=SECONDS)) as connection:
            connection.request("GET", ADDRESS, headers={"Host": "localhost"})  # health is told by any name
            answer = connection.getresponse()
            is_ours = b'"ok"' in answer.read(LONGEST_ANSWER)
    except TimeoutError:
        return f"{place} does not answer within {SECONDS:g} seconds."
    except UnicodeError:
        return f"{place} is no address of a service."
    except OSError as error:
        return f"{place} does not answer: {error.strerror or 'the connection broke'}."
    except HTTPException:
        return f"{place} does not answer in HTTP."
    if answer.status != 200:
        return f"{place} answers {answer.status}."
    return None if is_ours else f"{place} is served by something else."
