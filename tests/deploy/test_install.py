"""F22: what handbook/install.md says is done as it stands there, as far as it can be without containers and systemd.

The steps for Debian are done in another root that is this machine with changes of its own, where `apt-get` installs
nothing, `systemctl` starts what the unit says (`tests/deploy/systemctl`), and a new environment finds the locked
packages that this one has: tests of the wheel and of the image install them anew.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import citus
from tests.databases import create_database
from tests.deploy.image import NAMESPACES, OVERLAY, why_not
from tests.deploy.proxies import DEPLOY, find_program, needs
from tests.patience import LONG
from tests.servers import free_port, start_server
from tests.serving.wire import sign_up

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "handbook" / "install.md").read_text()
SECTIONS = {text.partition("\n")[0]: text for text in PAGE.split("\n## ")[1:]}
PREPARE = r"""
cd {root}
mkdir -p /opt/bucketlist /etc/caddy /stubs
git -c safe.directory='*' ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t /opt/bucketlist
cp tests/deploy/systemctl /stubs/
ln -s /bin/true /stubs/apt-get
cat > /stubs/python3 <<END
#!/bin/sh
{python}/bin/python3 -m venv --without-pip .venv
echo {packages} > .venv/lib/{version}/site-packages/here.pth
END
cat > /stubs/useradd <<END
#!/bin/sh
/usr/sbin/useradd --non-unique --uid {account} "\$@"
END
chmod +x /stubs/python3 /stubs/useradd
export PORT={port} PATH=/stubs:{python}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1
for place in {above}; do chmod o+x "$place"; done
"""
ASK = (
    "curl --silent --fail-with-body --header 'Host: lists.example.org' --header 'Content-Type: application/json'"
    ' --data \'{"email": "you@example.org", "password": "a long walk by the sea"}\' http://127.0.0.1:$PORT/v1/auth/login'
)
PASSWORD = "a long walk by the sea\n"


def blocks(section: str, language: str = "bash") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", SECTIONS[section], re.DOTALL | re.MULTILINE)


def do(folder: Path, database: Path, *steps: str) -> subprocess.CompletedProcess[str]:
    """The steps of somebody who is root on a machine of their own, where accounts are that of the folder `database`."""
    python = Path(sys.base_prefix)
    prepared = PREPARE.format(
        root=ROOT,
        port=free_port(),
        account=database.stat().st_uid,  # who alone may use its socket
        python=python,
        above=" ".join(str(place) for place in python.parents),
        packages=sysconfig.get_path("purelib"),
        version=f"python3.{sys.version_info.minor}",
    )
    command = [*NAMESPACES, OVERLAY, "sh", str(folder), "\n".join([prepared, *steps]), str(database)]
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        command, env=theirs, input=2 * PASSWORD, capture_output=True, text=True, timeout=5 * LONG, check=False
    )


def but_packages(upgrade: str, install: str) -> str:
    """An upgrade, without those steps of an installation that would find all packages as they are."""
    lines = [line for line in install.splitlines() if "--requirement requirements/" in line]
    assert len(lines) == 2
    for line in lines:
        assert line in upgrade
        upgrade = upgrade.replace(line, "")
    return upgrade


@pytest.mark.slow
@pytest.mark.skipif(bool(reason := why_not()), reason=reason)
@pytest.mark.skipif(not shutil.which("curl"), reason="This machine has no curl.")
@citus.is_elsewhere
def test_f22_somebody_follows_the_page_on_debian_from_nothing_to_postgresql(postgres_url: str, tmp_path: Path) -> None:
    install, drill, upgrade = blocks("systemd on Debian")
    make_database, move = blocks("Data migration from SQLite to PostgreSQL")
    assert make_database.count("\nURL=") == 1
    url = create_database(postgres_url)
    database = Path(parse_qs(urlsplit(url).query)["host"][0])
    steps = (install, ASK, drill, but_packages(upgrade, install), ASK, f"URL='{url}'", move, ASK, "bucketlist verify")

    done = do(tmp_path, database, *steps)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count('"accessToken"') == 3
    assert done.stderr.count("Database: SQLite in data/bucketlist.sqlite") == 2  # the drill’s
    assert done.stderr.count("Database: PostgreSQL") == 2


@pytest.mark.slow
def test_f22_the_procfile_serves_where_a_platform_says(tmp_path: Path) -> None:
    web = (ROOT / "Procfile").read_text().partition("web: ")[2].partition("\n")[0]
    line = f'cd {ROOT}; export PATH="{Path(sys.executable).parent}:$PATH"; exec {web}'

    with start_server(tmp_path, "bash", "-c", line.replace("{", "{{").replace("}", "}}")) as server:
        assert sign_up(server).ask("POST", "/v1/buckets", {"name": "Far away"}).status == 201


@pytest.mark.parametrize("section", SECTIONS)
def test_f22_every_block_of_the_page_is_whole(section: str) -> None:
    wrong = [
        block
        for block in blocks(section, r"\w*")
        if subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True, check=False).returncode
    ]

    assert [block for block in wrong if not block.startswith("include ")] == []


def test_f22_the_first_screen_of_the_page_takes_ten_lines_at_most() -> None:
    (lines,) = blocks("Quick start: ten lines, from nothing to https")

    assert len(lines.splitlines()) <= 10


def test_f22_compose_is_asked_for_services_that_it_has() -> None:
    services = set(
        re.findall(r"^  (\w+):", "".join(path.read_text() for path in DEPLOY.glob("compose*.yaml")), re.MULTILINE)
    )

    asked = re.findall(r"docker compose (?:exec|stop|run(?: --[\w-]+)*)(?: --env \S+=\S*)* (\w+)", PAGE)

    assert len(asked) > 10
    assert set(asked) <= services


@pytest.mark.slow
@needs("nginx")
def test_f22_nginx_takes_what_the_page_puts_beside_a_site(tmp_path: Path) -> None:
    steps, line = blocks("Base path, behind nginx", r"\w*")
    for name in ("snippets", "conf.d"):
        (tmp_path / name).mkdir()
    subprocess.run(["sh", "-e"], input=steps.replace("/etc/nginx", str(tmp_path)), text=True, cwd=ROOT, check=True)
    site = f"http {{ include conf.d/*.conf; access_log off; server {{ listen 127.0.0.1:{free_port()}; {line} }} }}"
    (tmp_path / "nginx.conf").write_text(f"events {{}} pid {tmp_path}/pid; error_log stderr; {site}")

    command = [find_program("nginx"), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-t"]
    tested = subprocess.run(command, capture_output=True, text=True, check=False)

    assert tested.returncode == 0, tested.stderr


@pytest.mark.parametrize("kind", ["keep", "strip"])
def test_f22_no_log_of_a_site_has_the_secrets_of_letters(kind: str) -> None:
    """A site’s own format writes whole addresses; deploy/nginx.conf has a format without queries."""
    text = (DEPLOY / f"nginx-path-{kind}.conf").read_text()

    for page in ("reset", "confirm", "sign-up"):
        inside = text.partition(f"location /bucketlist/{page} {{")[2].partition("}")[0]
        assert {"access_log off;", "error_log /dev/null emerg;"} <= {line.strip() for line in inside.splitlines()}
