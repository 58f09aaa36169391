"""Reverse proxies of deploy/ in front of a server, with their files as they are, but for addresses and paths."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.concurrency import wait_until
from tests.patience import LONG
from tests.servers import LiveServer, free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = "bucketlist.example.com"
APP = "127.0.0.1:8000"
OTHERS = "another application"  # that the site has at its root
CERTIFICATES = f"/etc/letsencrypt/live/{NAME}"
FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
MAKE_CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    f" -keyout privkey.pem -out fullchain.pem -subj /CN={NAME} -addext subjectAltName=DNS:{NAME}"
)


@dataclass
class Proxy(LiveServer):
    """A running proxy; `port` is for HTTP and `tls_port` for HTTPS, if it has one."""

    tls_port: int = 0


def under_path(program: str, kind: str) -> tuple[str, str]:
    """Of the file of `program`, all that a site does, and in its place: its own pages, and bucketlist under a path.

    `kind` is what becomes of the path on the way to bucketlist: keep or strip.
    """
    if program == "nginx":
        site = (DEPLOY / "nginx.conf").read_text()
        old = site[site.index("        gzip off;") :]
        more = (DEPLOY / f"nginx-path-{kind}.conf").read_text()
        return old, f'{more}\nlocation / {{\nreturn 200 "{OTHERS}";\n}}\n}}\n}}\n'
    site = (DEPLOY / "Caddyfile").read_text()
    old = site[site.index("\t# No “encode”") :]
    return old, f'{(DEPLOY / f"Caddyfile-path-{kind}").read_text()}\nhandle {{\nrespond "{OTHERS}"\n}}\n}}\n'


def replace_all(text: str, *pairs: tuple[str, str]) -> str:
    """`text` with the second of each pair in the place of the first, which has to be there."""
    for old, new in pairs:
        assert old in text, f"There is no {old!r} to be replaced."
        text = text.replace(old, new)
    return text


@contextmanager
def start_nginx(folder: Path, app_port: int, *more: tuple[str, str]) -> Iterator[Proxy]:
    """`deploy/nginx.conf` at work, for an account that may not listen on 443 or write to /var."""
    port, tls_port = free_port(), free_port()
    subprocess.run(MAKE_CERTIFICATE.split(), cwd=folder, check=True, capture_output=True)
    text = replace_all(
        (DEPLOY / "nginx.conf").read_text(),
        *more,
        (APP, f"127.0.0.1:{app_port}"),
        ("user www-data;\n", "user root;\n" if os.geteuid() == 0 else ""),  # who made the folder may write to it
        ("/run/nginx.pid", f"{folder}/nginx.pid"),
        ("/var/log/nginx", str(folder)),
        (CERTIFICATES, str(folder)),
        ("http {\n", "http {\n" + "".join(f"{name}_temp_path {folder}/{name};\n" for name in FOLDERS)),
        ("listen [::]:80 default_server;", ""),
        ("listen 80 default_server", f"listen 127.0.0.1:{free_port()} default_server"),
        ("listen [::]:443 ssl default_server;", ""),
        ("listen 443 ssl default_server", f"listen 127.0.0.1:{tls_port} ssl default_server"),
        ("listen [::]:443 ssl http2", f"listen 127.0.0.1:{tls_port} ssl http2"),
        ("listen 443 ssl http2", f"listen 127.0.0.1:{port}"),
    )
    (folder / "nginx.conf").write_text(text)
    command = (find_program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;")
    with run_proxy(folder, port, tls_port, *command) as proxy:
        yield proxy


@contextmanager
def start_caddy(folder: Path, app_port: int, *more: tuple[str, str]) -> Iterator[Proxy]:
    """`deploy/Caddyfile` at work, without a name that certificates could be asked for."""
    port = free_port()
    text = replace_all(
        (DEPLOY / "Caddyfile").read_text(),
        *more,
        (APP, f"127.0.0.1:{app_port}"),
        (f"\n{{$SITE:{NAME}}} {{", f"\nhttp://:{port} {{"),
        ("\n{\n", "\n{\nadmin off\n"),
    )
    (folder / "Caddyfile").write_text(text)
    with run_proxy(folder, port, 0, "caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile") as proxy:
        yield proxy


def is_listening(proxy: Proxy) -> bool:
    """Even when there is no bucketlist behind it."""
    assert proxy.process.poll() is None, proxy.log
    try:
        socket.create_connection(("127.0.0.1", proxy.port)).close()
    except ConnectionRefusedError:
        return False
    return True


@contextmanager
def run_proxy(folder: Path, port: int, tls_port: int, *command: str) -> Iterator[Proxy]:
    environment = os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    proxy = Proxy(f"http://127.0.0.1:{port}", port, folder, process, tls_port)
    try:
        wait_until(lambda: is_listening(proxy))
        yield proxy
    finally:
        process.terminate()
        process.wait(timeout=LONG)


PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


def find_program(name: str) -> str:
    """Its path, or nothing when this machine does not have it."""
    return shutil.which(name, path=PLACES) or ""


def needs(program: str) -> pytest.MarkDecorator:
    """Skips a test, with a sentence, where there is no such program."""
    return pytest.mark.skipif(not find_program(program), reason=f"This machine has no {program}.")
