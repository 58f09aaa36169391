"""Fuzzing by Schemathesis of a running server, once as each of two people, with an eye on what the other has."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from http import HTTPStatus
from itertools import product
from pathlib import Path
from typing import Any

from contract.people import LISTS, Answer, Person

ROOT = Path(__file__).parent.parent
CONFIG = Path(__file__).parent / "schemathesis.toml"
IDS_TRIED = 20
NEVER_USED = "01234567-89ab-7def-8123-456789abcdef"
DOORS = {
    "buckets": [("GET", ""), ("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/items"), ("POST", "/items")],
    "items": [("GET", ""), ("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/entries"), ("POST", "/entries")],
    "entries": [("GET", ""), ("PUT", ""), ("PATCH", ""), ("DELETE", "")],
    "sessions": [("DELETE", "")],
    "tokens": [("DELETE", "")],
}


class Broken(Exception):
    """The contract was broken; the message says how."""


@dataclass(frozen=True)
class Attack:
    """Who attacks whose things, with which program, where the files of the run are kept, from which seed.

    With `seconds` more and more requests are made up until they are over.
    """

    attacker: Person
    other: Person
    schemathesis: Path
    folder: Path
    seed: int
    seconds: int | None = None

    def run(self) -> int:
        """The number of requests made up. Raises: `Broken`."""
        for person in (self.attacker, self.other):
            person.sign_in()
            person.fill()
        before, sessions = self.other.look_around(), set(self.other.list_ids("sessions"))
        self._write_files()
        count = self._run_schemathesis()
        self.attacker.sign_in()
        self.other.sign_in()
        refuse_visits(self.attacker, self.other)
        if self.other.look_around() != before or not sessions.issubset(self.other.list_ids("sessions")):
            raise Broken(f"{self.attacker.name} changed what {self.other.name} has")
        return count

    def _write_files(self) -> None:
        self.folder.mkdir(parents=True)
        shutil.copy(CONFIG, self.folder)
        for kind in LISTS:
            lines = [json.dumps(each) for each in self.other.list_ids(kind)[:IDS_TRIED]]
            (self.folder / f"their-{kind}.txt").write_text("\n".join(lines) + "\n")
        people = {"auth": [sign_in_of(self.attacker), sign_in_of(self.other)]}
        (self.folder / "people.json").write_text(json.dumps(people))
        document = self.attacker.ask("GET", "/openapi.json").json
        (self.folder / "openapi.json").write_text(json.dumps(without_more_fields(document)))

    def _run_schemathesis(self) -> int:
        command = [str(self.schemathesis), "--config-file", str(self.folder / CONFIG.name)]
        command += ["run", "openapi.json", "--url", self.attacker.url, "--phases", "examples,coverage,fuzzing,stateful"]
        command += ["--checks", "all", "--seed", str(self.seed)]
        command += ["--max-time", str(self.seconds)] if self.seconds else []
        result = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "CONTRACT_PERSON": self.attacker.name, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        (self.folder / "log").write_text(result.stdout + result.stderr)
        found = re.search(r"^  ([\d,]+) generated", result.stdout, re.MULTILINE)
        if result.returncode or not found:
            raise Broken(result.stdout + result.stderr)
        return int(found[1].replace(",", ""))


def without_more_fields(document: dict[str, Any]) -> dict[str, Any]:
    """The document, as strict with our answers as with what is sent: a field that it does not name is a fault."""
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return document


def sign_in_of(person: Person) -> dict[str, Any]:
    """How Schemathesis signs somebody in. Source: Web Fuzzing Commons, authentication schema."""
    token = {"extractFrom": "body", "extractSelector": "/accessToken", "sendIn": "header"}
    login = {
        "endpoint": "/v1/auth/login",
        "verb": "POST",
        "contentType": "application/json",
        "payloadRaw": json.dumps(person.credentials),
        "token": token | {"sendName": "Authorization", "sendTemplate": "Bearer {token}"},
    }
    return {"name": person.name, "loginEndpointAuth": login}


def refuse_visits(visitor: Person, owner: Person) -> None:
    """Knock at every address of `owner`'s things. Raises: `Broken` unless each looks as if it had never been.

    Schemathesis may have used the id of a thing of `owner` for one of `visitor`, which is no conflict; what waits in
    the trash keeps its id, and is in no list.
    """
    visitor.ask("DELETE", "/v1/trash")
    for kind, path in LISTS.items():
        theirs, own = owner.list_all(kind), visitor.list_all(kind)
        if any(each in theirs for each in own):
            raise Broken(f"{visitor.name} is shown {kind} of {owner.name}")
        ids = [each["id"] for each in theirs if each["id"] not in {mine["id"] for mine in own}]
        for each, (method, rest) in product(ids[:IDS_TRIED], DOORS[kind]):
            name = "title" if "entries" in f"{kind}{rest}" else "name"
            body = {name: "Mine now"} if method in ("POST", "PUT", "PATCH") else None
            answer, usual = (visitor.ask(method, f"{path}/{found}{rest}", body) for found in (each, NEVER_USED))
            if answer.status != HTTPStatus.NOT_FOUND or without_request_id(answer) != without_request_id(usual):
                raise Broken(f"{method} of {owner.name}'s {kind}{rest} tells {visitor.name}: {answer}")


def without_request_id(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.json.items() if name != "requestId"}
