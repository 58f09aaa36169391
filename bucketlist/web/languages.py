"""Internationalization (i18n): which language a page speaks, its texts by gettext, its dates and numbers by locale.

Catalogues are `languages/<language>.po`, read at the first page in that language; there is nothing to compile. What has
one is offered. A person chooses a language in the settings, kept by the device; else the browser says which it wants.

Source: GNU gettext; Unicode CLDR, by Babel.
"""

from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request

from bucketlist.web.look import read_look

FOLDER = Path(__file__).parent / "languages"
DEFAULT = "en"


def locale_of(code: str) -> Locale:
    """That of a language tag such as `pt-BR`. English dates are written as most of the world does: 14 June 2031."""
    return Locale.parse({"en": "en-GB"}.get(code, code), sep="-")


def read_languages() -> dict[str, str]:
    """The languages there are, each by its own name; first that of the templates."""
    codes = [DEFAULT, *sorted(path.stem for path in FOLDER.glob("*.po"))]
    names = {code: str(Locale.parse(code, sep="-").get_display_name()) for code in codes}
    return {code: name[0].upper() + name[1:] for code, name in names.items()}


LANGUAGES: Mapping[str, str] = read_languages()


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts in `language`; those of the templates where there are no others."""
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        texts = read_po(file, locale=locale_of(language))
    packed = BytesIO()
    write_mo(packed, texts)
    packed.seek(0)
    return GNUTranslations(packed)


def language() -> str:
    """The language of this page."""
    if not has_request_context():
        return DEFAULT
    if "language" not in g:
        chosen = read_look().language
        g.language = chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, DEFAULT)
    found: str = g.language
    return found


def locale() -> Locale:
    return locale_of(language())


def direction() -> str:
    """That of the script: `ltr` or `rtl`."""
    found: str = locale().text_direction
    return found


def gettext_noop(text: str) -> str:
    """A text as it is, for what is translated where it is told: the catalogues find it."""
    return text


def gettext(text: str) -> str:
    return catalogue(language()).gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    return catalogue(language()).ngettext(one, many, number)


def install_languages(app: Flask) -> None:
    """Have templates speak by `_()` and `{% trans %}`."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # by the extension
