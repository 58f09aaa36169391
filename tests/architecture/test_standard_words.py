"""Documentation tests of the glossary: each module's first sentence names one of its terms, and it is true."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "handbook" / "glossary.md"
MADE = ("__pycache__", "generated", "node_modules")
FOLDERS = ("bucketlist", "tests", "bench", "contract", "mutants", "badges", "deploy")
DOCSTRING = re.compile(r'\A(?:#[^\n]*\n)*"""(.*?)"""', re.DOTALL)
FIRST_SENTENCE = re.compile(r".*?[.?!](?=\s|$)|.*")


def rows(text: str) -> list[tuple[list[str], list[str]]]:
    """Of each row of the glossary, the terms and the files."""
    cells = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| ") and "| where |" not in line]
    return [(terms_in(terms), re.findall(r"`([^`]+)`", files)) for terms, files in cells]


def terms_in(cell: str) -> list[str]:
    return [term.strip(" `") for term in re.split("[,()]", cell) if term.strip(" `")]


def naming(terms: list[str]) -> re.Pattern[str]:
    """What finds any of `terms`, in the plural as well, as a word of its own."""
    forms = "|".join(re.sub(r"y$", "(?:y|ie)", re.escape(term)).replace(r"\ ", r"[\s-]+") for term in terms)
    return re.compile(rf"(?<!\w)(?:{forms})(?:e?s)?(?!\w)", re.IGNORECASE)


def first_sentence(text: str) -> str:
    """That of a module's docstring; nothing where there is none."""
    found = DOCSTRING.match(text)
    sentence = FIRST_SENTENCE.match(" ".join(found[1].partition("\n\n")[0].split())) if found else None
    return sentence[0] if sentence else ""


def modules() -> Iterator[Path]:
    for folder in FOLDERS:
        for place, inner, files in os.walk(ROOT / folder):
            inner[:] = [name for name in inner if name not in MADE and not name.startswith(".")]
            yield from (Path(place, name) for name in files if name.endswith(".py"))


def without_term(sentences: dict[str, str], glossary: str) -> list[str]:
    """The modules, by name, whose first sentence names no term; one without a docstring as well."""
    term = naming([term for terms, _ in rows(glossary) for term in terms])
    return [f"{name}: {sentence}" for name, sentence in sentences.items() if not term.search(sentence)]


@pytest.fixture(scope="module")
def glossary() -> str:
    return GLOSSARY.read_text()


def test_the_first_sentence_of_a_module_names_a_term_of_the_field(glossary: str) -> None:
    sentences = {str(path.relative_to(ROOT)): first_sentence(path.read_text()) for path in modules()}

    unnamed = without_term(sentences, glossary)
    assert not unnamed, (
        "Begin the docstring with the term that somebody from outside would search for, such as “Rate limit: …”; "
        "if it is a new one, give it a row in handbook/glossary.md:\n" + "\n".join(unnamed)
    )


def test_a_module_in_our_own_words_is_noticed(glossary: str) -> None:
    sentences = {"own.py": "Who comes first, is served first.", "standard.py": "Connection pools: who comes first, …"}

    assert without_term(sentences, glossary) == ["own.py: Who comes first, is served first."]


def test_a_file_of_the_glossary_says_its_term(glossary: str) -> None:
    texts = [(terms, file, text_of(file)) for terms, files in rows(glossary) for file in files]

    silent = [f"{file}: {', '.join(terms)}" for terms, file, text in texts if not naming(terms).search(text)]
    assert silent == []


def text_of(file: str) -> str:
    return next(path.read_text() for path in (ROOT / "bucketlist" / file, ROOT / file) if path.exists())


def test_a_term_of_the_glossary_has_one_row(glossary: str) -> None:
    terms = [term.casefold() for each, _ in rows(glossary) for term in each]

    assert sorted({term for term in terms if terms.count(term) > 1}) == []
