"""OpenAPI document: kept for the code generators, and linted."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
GENERATED = FOLDER / "generated"
TOOLS = FOLDER / "node_modules" / ".bin"


def keep_document(text: str) -> None:
    GENERATED.mkdir(exist_ok=True)
    (GENERATED / "openapi.json").write_text(text, encoding="utf-8")


def lint() -> dict[str, int]:
    """The number of `errors` and `warnings`; each is printed."""
    found = {"errors": 0, "warnings": 0}
    for severity, message in [*_ask_redocly(), *_ask_spectral()]:
        print(f"  {severity}: {message}")
        found[severity + "s"] += 1
    return found


def _ask_redocly() -> list[tuple[str, str]]:
    report = _read_json("redocly", "lint", "generated/openapi.json", "--format", "json")
    return [
        (problem["severity"].replace("warn", "warning"), f"{problem['ruleId']}: {problem['message']}")
        for problem in report["problems"]
        if not problem.get("ignored")
    ]


def _ask_spectral() -> list[tuple[str, str]]:
    report = _read_json("spectral", "lint", "generated/openapi.json", "--ruleset", "spectral.yaml", "--format", "json")
    return [
        ("error" if problem["severity"] == 0 else "warning", f"{problem['code']}: {problem['message']}")
        for problem in report
    ]


def _read_json(tool: str, *arguments: str) -> Any:
    environment = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}  # calls nobody
    command = [str(TOOLS / tool), *arguments]
    result = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False)
    if not result.stdout:
        raise AssertionError(f"{tool} said nothing but {result.stderr}")
    return json.loads(result.stdout[: result.stdout.rindex("]" if result.stdout[0] == "[" else "}") + 1])
