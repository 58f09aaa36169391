"""The contract only grows: `openapi.json` against the document of the last release, for breaking changes.

    python -m contract.growth             refuses what a client of the last release could notice
    python -m contract.growth --release   keeps the document as that of this version

Source: https://semver.org; “breaking change” as generated and hand-written clients feel it.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bucketlist import __version__
from contract.schema_growth import SchemaGrowth, resolve

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "openapi.json"
RELEASED = Path(__file__).parent / "released"

Document = Mapping[str, Any]


def broken_promises(old: Document, new: Document) -> list[str]:
    """A sentence for each thing that a client made for `old` could notice when it meets `new`."""
    return list(dict.fromkeys(_broken(old, new)))


def check_growth(document: Path = DOCUMENT, folder: Path = RELEASED, *, but: str = "") -> list[str]:
    """`broken_promises` of `document` to the last release, `but` for the version of that name."""
    releases = {path.stem.removeprefix("openapi-"): path for path in folder.glob("openapi-*.json")}
    earlier = sorted(releases.keys() - {but}, key=lambda version: [int(part) for part in version.split(".")])
    return broken_promises(_read(releases[earlier[-1]]), _read(document)) if earlier else []


def release_document(document: Path = DOCUMENT, folder: Path = RELEASED, version: str = __version__) -> Path:
    """Keep `document` as that of `version`: a part of every release.

    Raises: `ValueError` when it breaks a promise of an earlier one.
    """
    if broken := check_growth(document, folder, but=version):
        raise ValueError("\n".join(broken))
    kept = folder / f"openapi-{version}.json"
    kept.write_bytes(document.read_bytes())
    return kept


def _read(path: Path) -> Document:
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


def _broken(old: Document, new: Document) -> Iterator[str]:
    for name in sorted(old["components"]["schemas"].keys() - new["components"]["schemas"].keys()):
        yield f"The schema {name} is gone, after which generated clients name a type"
    for path, methods in old["paths"].items():
        if path not in new["paths"]:
            yield f"{path}: the path is gone"
            continue
        for method, operation in methods.items():
            place = f"{method.upper()} {path}"
            if method not in new["paths"][path]:
                yield f"{place}: the operation is gone"
            else:
                yield from _Operations(SchemaGrowth(old, new), place).broken(operation, new["paths"][path][method])


class _Operations:
    """Compares one operation of two documents."""

    def __init__(self, schemas: SchemaGrowth, place: str) -> None:
        self.schemas, self.place = schemas, place

    def broken(self, old: Document, new: Document) -> Iterator[str]:
        if old["operationId"] != new["operationId"] or old.get("tags") != new.get("tags"):
            yield f"{self.place}: operationId or tag has changed, after which generated clients name a function"
        if _security(self.schemas.old, old) != _security(self.schemas.new, new):
            yield f"{self.place}: security has changed"
        yield from self._parameters(old, new)
        yield from self._body(old, new)
        yield from self._responses(old["responses"], new["responses"])

    def _parameters(self, old: Document, new: Document) -> Iterator[str]:
        before, after = _parameters(self.schemas.old, old), _parameters(self.schemas.new, new)
        for key in sorted(before.keys() - after.keys()):
            yield f"{self.place}: the parameter {key[1]} is gone"
        for key, parameter in after.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield f"{self.place}: the parameter {key[1]} is required now"
        for key in before.keys() & after.keys():
            place = f"{self.place} {key[1]}"
            yield from self.schemas.broken(before[key]["schema"], after[key]["schema"], "sent", place)

    def _body(self, old: Document, new: Document) -> Iterator[str]:
        before, after = old.get("requestBody"), new.get("requestBody")
        if before is None:
            if after and after.get("required"):
                yield f"{self.place}: a body is required now"
        elif after is None:
            yield f"{self.place}: the body is gone"
        else:
            if after.get("required") and not before.get("required"):
                yield f"{self.place}: a body is required now"
            for media_type, content in before["content"].items():
                if media_type not in after["content"]:
                    yield f"{self.place}: the media type {media_type} is no longer taken"
                else:
                    schema = after["content"][media_type]["schema"]
                    yield from self.schemas.broken(content["schema"], schema, "sent", self.place)

    def _responses(self, old: Document, new: Document) -> Iterator[str]:
        for status in sorted(old.keys() - new.keys()):
            yield f"{self.place}: the status {status} is gone"
        for status in sorted(status for status in new.keys() - old.keys() if status < "3"):
            yield f"{self.place}: it may succeed with the status {status} now"
        for status in old.keys() & new.keys():
            before, after = resolve(self.schemas.old, old[status]), resolve(self.schemas.new, new[status])
            yield from self._response(before, after, f"{self.place} → {status}")

    def _response(self, old: Document, new: Document, place: str) -> Iterator[str]:
        for name, header in old.get("headers", {}).items():
            after = resolve(self.schemas.new, new.get("headers", {}).get(name, {}))
            before = resolve(self.schemas.old, header)
            if not after:
                yield f"{place}: the header {name} is gone"
            elif before.get("required") and not after.get("required"):
                yield f"{place}: the header {name} may be absent now"
            else:
                yield from self.schemas.broken(before["schema"], after["schema"], "answered", f"{place} {name}")
        contents = old.get("content", {}), new.get("content", {})
        for media_type in contents[0].keys() - contents[1].keys():
            yield f"{place}: the media type {media_type} is gone"
        for media_type in contents[1].keys() - contents[0].keys():
            yield f"{place}: the media type {media_type} may be answered now"
        for media_type in contents[0].keys() & contents[1].keys():
            before, after = contents[0][media_type]["schema"], contents[1][media_type]["schema"]
            yield from self.schemas.broken(before, after, "answered", place)


def _parameters(document: Document, operation: Document) -> dict[tuple[str, str], Document]:
    found = [resolve(document, parameter) for parameter in operation.get("parameters", ())]
    return {(parameter["in"], parameter["name"]): parameter for parameter in found}


def _security(document: Document, operation: Document) -> list[Any]:
    """The ways to prove who one is, each with how it is done."""
    schemes = document["components"].get("securitySchemes", {})
    words = ("type", "scheme", "in", "name")
    ways = operation.get("security", document.get("security", []))
    return [{name: [schemes[name].get(word) for word in words] for name in way} for way in ways]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m contract.growth", description=__doc__)
    parser.add_argument("--release", action="store_true", help="keep openapi.json as the document of this version")
    if parser.parse_args().release:
        try:
            print(f"Kept as {release_document().relative_to(ROOT)}")
        except ValueError as reason:
            print(f"The contract only grows:\n{reason}", file=sys.stderr)
            return 1
        return 0
    broken = check_growth()
    for sentence in broken:
        print(f"  {sentence}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
