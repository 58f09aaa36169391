"""Wheels with nothing in them: what an index may offer beside the packages of a lock."""

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile, ZipInfo

from packaging.markers import Marker
from packaging.utils import canonicalize_name

NEWER = "9999"
_PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>[^\\]+))? \\$", re.MULTILINE)
_ASKED_BY = re.compile(r"^    # (?:via|  ) ([\w.-]+)$", re.MULTILINE)


class Pin(NamedTuple):
    """What a lock says of one package, and which of its packages ask for it."""

    name: str
    version: str
    marker: str
    asked_by: frozenset[str]

    @property
    def is_for_here(self) -> bool:
        return not self.marker or Marker(self.marker).evaluate()

    def line(self, wheels: Path) -> str:
        """It, as a lock has it, with the hash of the wheel that lies in a folder."""
        marker = f" ; {self.marker}" if self.marker else ""
        found = sha256((wheels / file_name(self.name, self.version)).read_bytes()).hexdigest()
        return f"{self.name}=={self.version}{marker} --hash=sha256:{found}\n"


def pins(lock: Path) -> list[Pin]:
    text = lock.read_text()
    found = list(_PIN.finditer(text))
    ends = [each.start() for each in found[1:]] + [len(text)]
    return [
        Pin(
            canonicalize_name(pin["name"]),
            pin["version"],
            (pin["marker"] or "").strip(),
            frozenset(_ASKED_BY.findall(text[pin.end() : end])),
        )
        for pin, end in zip(found, ends, strict=True)
    ]


def requirements_of(package: str, locked: Iterable[Pin]) -> set[str]:
    """Any version of what it needs, with an extra, as pytest-cov needs `coverage[toml]`."""
    return {
        f"{pin.name}[extra]" + (f" ; {pin.marker}" if pin.marker else "") for pin in locked if package in pin.asked_by
    }


def file_name(package: str, version: str) -> str:
    return f"{package.replace('-', '_')}-{version}-py3-none-any.whl"


def write_wheel(folder: Path, name: str, version: str, requirements: Iterable[str] = ()) -> None:
    """One that installs nothing but its name."""
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "Provides-Extra: extra"]
    metadata += [f"Requires-Dist: {requirement}" for requirement in sorted(requirements)]
    files = {
        "METADATA": "\n".join(metadata) + "\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files["RECORD"] = "".join(f"{stem}.dist-info/{each},,\n" for each in [*files, "RECORD"])
    with ZipFile(folder / file_name(name, version), "w") as file:
        for each, text in files.items():
            file.writestr(ZipInfo(f"{stem}.dist-info/{each}"), text)  # without the time, so that its hash is the same
