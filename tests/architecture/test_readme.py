"""The README says what is so: its first minute is executed as it stands, its table of settings is the code's."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bucketlist.config import KINDS, Settings
from tests.patience import LONG
from tests.servers import LiveServer

README = (Path(__file__).parents[2] / "README.md").read_text()


def block_after(words: str, language: str) -> str:
    """The first block of code behind `words`."""
    found = re.search(rf"^```{language}\n(.*?)^```$", README.partition(words)[2], re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="This machine has no curl.")
def test_a_newcomer_pastes_the_first_minute_and_sees_what_the_readme_shows(live_server: LiveServer) -> None:
    lines = block_after("## The first minute", "bash")
    shown = block_after("The last five print", "")
    assert lines.count("http://127.0.0.1:8000") == 1

    pasted = lines.replace("http://127.0.0.1:8000", live_server.url)
    printed = subprocess.run(["bash"], input=pasted, capture_output=True, text=True, timeout=LONG, check=True)

    assert printed.stdout == shown
    assert printed.stderr == ""


def test_every_line_of_the_first_minute_can_be_pasted_on_its_own() -> None:
    lines = block_after("## The first minute", "bash").splitlines()

    unfinished = [
        line for line in lines if subprocess.run(["bash", "-n"], input=line, text=True, check=False).returncode
    ]
    assert unfinished == []


def test_the_table_of_settings_is_that_of_the_code() -> None:
    table = README.partition("| setting | default |")[2].partition("\n\n")[0].splitlines()[2:]

    assert table == [
        f"| `{name.upper()}` | {tell_default(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


def tell_default(name: str) -> str:
    """The default, and where a configuration differs from it."""
    usual = Settings.model_fields[name].default
    others = {kind: settings.model_fields[name].default for kind, settings in KINDS.items()}
    told = [tell(usual), *(f"{tell(other)} in {kind}" for kind, other in others.items() if other != usual)]
    return ", ".join(told)


def tell(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return f"`{text}`" if text else "empty"


def test_the_first_screen_has_both_commands() -> None:
    first_screen = README[:1200]

    assert "make run " in first_screen
    assert "make test " in first_screen
    assert len(re.findall(r"!\[\w+\]\(badges/\w+\.svg\)", first_screen)) == 4
