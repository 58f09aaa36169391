"""F27: documentation tests: the recipes of handbook/tour.md are followed as they stand, in a copy of the package."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import bucketlist
from bucketlist.accounts.schemas import UserOut
from bucketlist.auth.users import UserRow
from bucketlist.buckets.queries import BucketRow
from bucketlist.buckets.schemas import BucketOut
from bucketlist.items.queries import ItemRow
from bucketlist.items.schemas import ItemOut
from bucketlist.kit.schemas import Answer
from tests.patience import LONG
from tests.servers import environment, run_command, start_server
from tests.serving.wire import ask, sign_up

ROOT = Path(__file__).parents[2]
TOUR = (ROOT / "handbook" / "tour.md").read_text()


def diff_of(recipe: str) -> str:
    found = re.search(r"^```diff\n(.*?)^```$", TOUR.partition(f"\n## {recipe}\n")[2], re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the package, beside which nothing of ours is found."""
    shutil.copytree(Path(bucketlist.__file__).parent, tmp_path / "bucketlist")
    return tmp_path


def follow(copy: Path, recipe: str) -> None:
    patch = ["patch", "--strip=1", "--fuzz=0", "--no-backup-if-mismatch"]
    done = subprocess.run(patch, cwd=copy, input=diff_of(recipe), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def run(copy: Path, *arguments: str) -> str:
    """What Python prints that knows the copy."""
    settings = environment(copy)
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=copy, env=settings, capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def call(copy: Path, *arguments: str) -> str:
    """What a command of the copy prints."""
    done = run_command(copy, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("patch"), reason="This machine has no patch.")
def test_f27_a_field_is_added_as_the_tour_says_and_nothing_that_was_there_is_lost(copy: Path) -> None:
    call(copy, "db", "upgrade")
    call(copy, "dummy", "--buckets", "1", "--items", "3")

    follow(copy, "A new field")
    migration = run(copy, "-m", "bucketlist.migrations", "places of items").splitlines()[-1]

    assert Path(migration).name.endswith("_places_of_items.py")
    call(copy, "db", "upgrade")
    call(copy, "dummy", "--buckets", "1", "--items", "3", "--seed", "2")
    assert "2 users" in call(copy, "verify")
    document = json.loads(call(copy, "openapi"))
    assert document["components"]["schemas"]["ItemOut"]["properties"]["place"]
    with start_server(copy, DATA_DIR=str(copy / "others")) as server:
        assert list(places(sign_up(server))) == [None, "Tromsø", "Alta", "Alta", 422]


def places(ada: Any) -> Any:
    """Of an item that is made without one, then given one, changed, and read; last, what one that is too long gets."""
    bucket = ada.ask("POST", "/v1/buckets", {"name": "Far away"}).json["id"]
    items = f"/v1/buckets/{bucket}/items"
    yield ada.ask("POST", items, {"name": "Sing"}).json["place"]
    made = ada.ask("POST", items, {"name": "See the northern lights", "place": "Tromsø"}).json
    yield made["place"]
    yield ada.ask("PATCH", f"/v1/items/{made['id']}", {"place": "Alta"}).json["place"]
    yield ada.ask("GET", f"/v1/items/{made['id']}").json["place"]
    yield ada.ask("PATCH", f"/v1/items/{made['id']}", {"place": "x" * 201}).status


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("patch"), reason="This machine has no patch.")
def test_f27_a_room_is_added_as_the_tour_says(copy: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", copy)

    follow(copy, "A new room")

    assert "0 broken" in run(
        copy, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"
    )
    with start_server(copy) as server:
        ada = sign_up(server)
        assert ada.ask("GET", "/v1/counts").json == {"itemCount": 0, "doneCount": 0}
        assert ask(server, "GET", "/v1/counts").status == 401


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("patch"), reason="This machine has no patch.")
def test_f27_a_setting_is_added_as_the_tour_says(copy: Path) -> None:
    follow(copy, "A new setting")
    (copy / ".env").write_text("GREETING=Hello\n")

    greeting = run(copy, "-c", "from bucketlist.config import load_settings; print(load_settings().greeting)")

    assert greeting == "Hello\n"


@pytest.mark.parametrize(("row", "answer"), [(UserRow, UserOut), (BucketRow, BucketOut), (ItemRow, ItemOut)])
def test_f27_a_row_has_the_fields_of_its_answer_in_their_order(row: Any, answer: type[Answer]) -> None:
    """As `ApiModel.to_json_object` takes them; what else a row has comes behind."""
    fields = list(answer.model_fields)

    assert list(row._fields)[: len(fields)] == fields
