"""Translation catalogues (gettext) of the web app: finds all texts, and brings each `languages/<tag>.po` up to date.

`make translations` keeps what is translated, takes away what is said no more, and tells what waits for words and what
is wrong with them. With NEW=fr it begins a catalogue for French. What the service says of its own accord, such as the
advice on problems, is found by asking it; all else in its templates and files. `--check` changes nothing.

Source: GNU gettext manual, “The Format of PO Files”; Babel.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import bucketlist.app  # noqa: F401  # brings every room, and with them all refusals
from bucketlist.docs.problems import ADVICE
from bucketlist.kit.errors import all_refusals

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "bucketlist" / "web" / "languages"
TEMPLATES = ("web/templates/**.html", "docs/templates/**.html")
METHODS = [("web/*.py", "python"), *((pattern, "jinja2.ext:babel_extract") for pattern in TEMPLATES)]
OPTIONS = {pattern: {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"} for pattern in TEMPLATES}
KEYWORDS = {"_": None, "gettext": None, "gettext_noop": None, "ngettext": (1, 2)}
WIDTH = 120
HEADER = """\
# How to translate: handbook/translating.md
msgid ""
msgstr ""
"Language: {tag}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {forms}\\n"

"""


def find_texts() -> Catalog:
    """All texts, as an empty catalogue, with the file in which each is."""
    found = Catalog(charset="utf-8")
    package = ROOT / "bucketlist"
    extracted = extract_from_dir(package, METHODS, OPTIONS, KEYWORDS, ["Translators:"], strip_comment_tags=True)
    for name, _line, text, comments, context in extracted:
        found.add(text, locations=[(f"bucketlist/{name}", 0)], auto_comments=comments, context=context)
    for text in product_texts():
        found.add(text, locations=[("bucketlist/docs/problems.py", 0)])
    return found


def product_texts() -> Iterator[str]:
    """What the service says of its own accord: refusals, and the advice on them."""
    for refusal in all_refusals():
        yield refusal.title
        yield refusal.default_detail
    for advice in ADVICE.values():
        yield from (advice.happened, *advice.to_do)


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale_of(path), ignore_obsolete=True)


def locale_of(path: Path) -> Locale:
    return Locale.parse(path.stem, sep="-")


def write(catalogue: Catalog) -> bytes:
    """The file: the same for the same texts, so that nothing about it changes by itself, such as a date."""
    written = BytesIO()
    written.write(HEADER.format(tag=str(catalogue.locale).replace("_", "-"), forms=catalogue.plural_forms).encode())
    write_po(written, catalogue, width=WIDTH, sort_output=True, omit_header=True, include_lineno=False)
    return written.getvalue()


def renew(path: Path, texts: Catalog) -> Catalog:
    """The catalogue of `path` with the texts that there are now; what is new in it waits for words."""
    renewed = read(path) if path.exists() else Catalog()
    renewed.locale = locale_of(path)
    renewed.update(texts, no_fuzzy_matching=True)
    renewed.obsolete.clear()
    return renewed


def faults_in(catalogue: Catalog) -> Iterator[str]:
    """What is still to be done about a catalogue: texts without words, and words that lack something of their text."""
    for message in catalogue:
        texts, words = forms_of(message.id), forms_of(message.string)
        if not all(texts):
            continue  # the header
        if message.fuzzy or not all(words):
            yield f"without words: {texts[0]}"
        elif any(kept_parts(one) != kept_parts(texts[-1]) for one in words):
            yield f"other placeholders, tags or code: {texts[0]}"


def forms_of(text: object) -> list[str]:
    """The singular and the plural, or the one text."""
    return [str(one or "") for one in (text if isinstance(text, list | tuple) else [text])]


def kept_parts(text: str) -> set[str]:
    """What a translation has to keep as it is."""
    return set(re.findall(r"%\(\w+\)s|<[^>]+>|`[^`]+`", text))


def main(*arguments: str) -> int:
    """Renew all catalogues, and begin those that are named. How many are not as they should be?"""
    texts, is_check = find_texts(), "--check" in arguments
    begun = [FOLDER / f"{tag}.po" for tag in arguments if tag != "--check"]
    broken = 0
    for path in sorted({*FOLDER.glob("*.po"), *begun}):
        catalogue = renew(path, texts)
        faults, renewed = list(faults_in(catalogue)), write(catalogue)
        if is_check and renewed != path.read_bytes():
            faults.append("the texts have changed since: make translations")
        if not is_check:
            path.write_bytes(renewed)
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} texts, {len(faults)} to look at")
        print("".join(f"  {fault}\n" for fault in faults), end="")
        broken += bool(faults)
    return broken


if __name__ == "__main__":
    broken = main(*sys.argv[1:])
    sys.exit(broken if "--check" in sys.argv else 0)
