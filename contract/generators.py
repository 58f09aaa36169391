"""Generated API clients, each generator with its own defaults: made, type-checked, and run against a server.

TypeScript: openapi-typescript and @hey-api/openapi-ts. Python: openapi-python-client, datamodel-code-generator.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from contract.document import FOLDER, GENERATED, TOOLS

PYTHON_CLIENT = GENERATED / "python"
SCRIPT = FOLDER / "generated_python.py"


@dataclass(frozen=True)
class Generators:
    """Those for Python have an environment of their own, whose programs are in `programs`."""

    programs: Path

    def make(self) -> None:
        """Raises: `CalledProcessError` when a generator or a type checker complains."""
        shutil.rmtree(PYTHON_CLIENT, ignore_errors=True)
        self._run(str(TOOLS / "openapi-typescript"), "openapi.json", "--output", "schema.d.ts")
        self._run(str(TOOLS / "openapi-ts"), "--input", "./openapi.json", "--output", "hey")
        self._run(str(TOOLS / "tsc"), "--project", "..")
        self._run(str(TOOLS / "tsc"), "--project", "../tsconfig.hey.json")
        (GENERATED / "hey-js" / "package.json").write_text('{"type": "commonjs"}')  # it imports without extensions
        self._run("openapi-python-client", "generate", "--path", "openapi.json", "--output-path", "python")
        models = ["--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel"]
        self._run("datamodel-codegen", "--input", "openapi.json", "--output", "python/models.py", *models)
        self._run("mypy", "--explicit-package-bases", "-p", "bucketlist_client")
        self._run("mypy", "--explicit-package-bases", str(SCRIPT))

    def use(self, url: str) -> None:
        """Raises: `CalledProcessError` when a client cannot live with an answer."""
        for program in ("client.js", "hey-js/hey.js"):
            self._run("node", program, url)
        self._run(str(self.programs / "python"), str(SCRIPT), url)

    def _run(self, program: str, *arguments: str) -> None:
        path = os.pathsep.join([str(self.programs), os.environ["PATH"]])
        environment = {
            **os.environ,
            "PATH": path,
            "PYTHONPATH": str(PYTHON_CLIENT),
            "MYPYPATH": str(PYTHON_CLIENT),
            "DO_NOT_TRACK": "1",
        }
        found = shutil.which(program, path=path) or program
        done = subprocess.run(
            [found, *arguments], cwd=GENERATED, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(done.stdout + done.stderr)
            done.check_returncode()
