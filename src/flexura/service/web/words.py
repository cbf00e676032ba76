"""What the service says in its own English words, in a page's language: the answer's sentences, names, errors.

The English text is the key, as in gettext, and German stands in `german.po`. Stored answers keep the words of their
day: what the catalogue does not know, such as a line of an older version, is shown in English and marked as such.
Placeholders that begin with `words` stand for words of the catalogue, or for several of them with "; " between;
others for a name or a figure, which gets the decimal comma.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from flexura.clinical.sites import strip_laterality
from flexura.decision.taxonomy import TAXONOMY
from flexura.report.wording import SIGN_WORDS, plain

_ENTRY: Final = re.compile(r'^msgid ((?:"[^\n]*"\n)+)msgstr ((?:"[^\n]*"\n)+)', re.MULTILINE)
_PLACE: Final = re.compile(r"\{(\w+)\}")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?]) ")
_FIGURE: Final = re.compile(r"(?<=\d)\.(?=\d)")
# How far a value reaches, where the shortest piece that fits would be the wrong one.
_REACH: Final[Mapping[str, str]] = {"words_flag": "[^.]+", "words_action": ".+", "source": "[^;]+"}
_NAMES: Final[Mapping[str, str]] = {label.code: label.name for label in TAXONOMY}


@dataclass(frozen=True)
class Pattern:
    """A sentence with placeholders: how it is told in English, and its German."""

    told: re.Pattern[str]
    german: str


def read_catalogue() -> dict[str, str]:
    """Read the German of every English text.

    Returns
    -------
    dict[str, str]
        By the English text; both may hold placeholders in braces.
    """
    written = resources.files("flexura.service.web").joinpath("german.po").read_text(encoding="utf-8")
    found = {_join(told): _join(german) for told, german in _ENTRY.findall(written)}
    return {told: german for told, german in found.items() if told}


def _join(quoted: str) -> str:
    return "".join(json.loads(line) for line in quoted.splitlines())


@cache
def _catalogue() -> tuple[Mapping[str, str], tuple[Pattern, ...]]:
    """Plain texts, and sentences with placeholders, those that say most before those that would fit anything."""
    entries = read_catalogue()
    plain_texts = {told: german for told, german in entries.items() if not _PLACE.search(told)}
    told_most = sorted(entries.keys() - plain_texts.keys(), key=lambda told: -len(_PLACE.sub("", told)))
    return plain_texts, tuple(Pattern(_compile(told), entries[told]) for told in told_most)


def _compile(told: str) -> re.Pattern[str]:
    pieces = _PLACE.split(told)  # text and names in turn
    parts = [
        f"(?P<{piece}>{_REACH.get(piece, '.+?')})" if number % 2 else re.escape(piece)
        for number, piece in enumerate(pieces)
    ]
    return re.compile("".join(parts))


@lru_cache(maxsize=4096)
def to_german(text: str) -> str | None:
    """Say an English text of the service in German.

    Parameters
    ----------
    text : str
        A text of the catalogue, one that fits a sentence of it with placeholders, or several of these in turn.

    Returns
    -------
    str | None
        None where a part of it is not in the catalogue.

    Examples
    --------
    >>> to_german("Psoriasis"), to_german("A rash from Mars")
    ('Psoriasis', None)
    >>> to_german("Withheld until the red flags are excluded: Anaphylaxis; Erythroderma.")
    'Zurückgehalten, bis die Warnzeichen ausgeschlossen sind: Anaphylaxie; Erythrodermie.'
    """
    plain_texts, patterns = _catalogue()
    if text in plain_texts:
        return plain_texts[text]
    matches = ((pattern, pattern.told.fullmatch(text)) for pattern in patterns)
    filled = (_fill(pattern, match) for pattern, match in matches if match)
    return next((german for german in filled if german is not None), None) or _say_in_turn(text)


def _fill(pattern: Pattern, match: re.Match[str]) -> str | None:
    values = {name: _say_value(name, value) for name, value in match.groupdict().items()}
    return None if None in values.values() else pattern.german.format(**values)


def _say_value(name: str, value: str) -> str | None:
    if not name.startswith("words"):
        return value if name == "source" else _FIGURE.sub(",", value)
    return to_german(value) or _join_all([to_german(part) for part in value.split("; ")], "; ")


def _say_in_turn(text: str) -> str | None:
    """Sentences that the service has put one after another; the longest that is known comes first."""
    for end in reversed([match.start() for match in _SENTENCE_END.finditer(text)]):
        said = _join_all([to_german(text[:end]), to_german(text[end + 1 :])], " ")
        if said is not None:
            return said
    return None


def _join_all(parts: list[str | None], between: str) -> str | None:
    known = [part for part in parts if part is not None]
    return between.join(known) if len(known) == len(parts) else None


@pass_context
def say(context: Context, text: str) -> str:
    """Say a text in the page's language; what has no German stays English and is marked for whoever reads aloud."""
    german = None if context["language"] == "en" else to_german(text)
    if context["language"] == "en" or german is not None:
        return german or text
    return Markup('<span lang="en">{}</span>').format(text)


@pass_context
def name(context: Context, text: str) -> str:
    """Say a text where no mark can stand, as in an attribute."""
    return text if context["language"] == "en" else to_german(text) or text


@pass_context
def is_spoken(context: Context, text: str) -> bool:
    """Whether a text can be said in the page's language."""
    return context["language"] == "en" or to_german(text) is not None


@pass_context
def figure(context: Context, written: str) -> str:
    """Write figures the way of the page's language: in German with a decimal comma, ranges with "bis"."""
    return written if context["language"] == "en" else _FIGURE.sub(",", written).replace(" to ", " bis ")


@pass_context
def day(context: Context, when: date | str) -> str:
    """Write a day the way of the page's language; `when` may be ISO 8601 text."""
    known = date.fromisoformat(when) if isinstance(when, str) else when
    return known.isoformat() if context["language"] == "en" else f"{known:%d.%m.%Y}"


@pass_context
def place(context: Context, site: str | None) -> str:
    """Name a body site with its side; `None` is unknown."""
    if site is None:
        return str(context["t"]["unknown"])
    if context["language"] == "en":
        return plain(site).capitalize()
    bare = strip_laterality(site)
    side = "" if bare == site else " " + context["t"][site.partition("_")[0]].lower()
    return f"{name(context, plain(bare))}{side}"


@pass_context
def diagnosis(context: Context, code: str) -> str:
    """Name a diagnosis of the taxonomy; another's code is written in plain words."""
    return name(context, _NAMES.get(code, plain(code)))


@pass_context
def sign(context: Context, code: str) -> str:
    """Name one of the six signs."""
    return name(context, SIGN_WORDS[code])


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "say": say,
    "name": name,
    "figure": figure,
    "day": day,
    "place": place,
    "diagnosis": diagnosis,
    "sign": sign,
}
