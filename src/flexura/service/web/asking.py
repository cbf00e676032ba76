"""What the form of a new case asks: fields of the context that change the answer, folded by what they change.

Nothing else is asked: a test tells each field and sees the answer change. What is left empty is unknown; of a list of
words "none of these" is an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flexura.clinical.context import read_context
from flexura.clinical.schema import FIELDS, ContextField
from flexura.clinical.vocabulary import RESPONSES
from flexura.errors import RequestUnfit

NONE: Final = "none"
TRIED: Final = "tried"  # a treatment whose response is not known
_NUMBERS: Final = frozenset({"number", "whole number"})


@dataclass(frozen=True)
class Fold:
    """A part of the form that is folded away: its texts are `fold_NAME` and `fold_NAME_hint`."""

    name: str
    fields: tuple[ContextField, ...]


def _fold(name: str, *fields: str) -> Fold:
    return Fold(name, tuple(FIELDS[field] for field in fields))


# Always open.
FIRST: Final = _fold("first", "site", "age_years", "sex", "itch", "duration_days")
FOLDS: Final = (
    _fold("urgent", "warning_signs"),
    _fold("feel", "skin_type", "textures", "symptoms"),
    _fold("history", "course", "triggers", "atopy_self", "atopy_family", "treatments"),
    _fold("guidance", "confirmed_diagnosis", "pregnancy", "conditions"),
)


def read_told(form: Mapping[str, str]) -> dict[str, Any]:
    """Read what the form of a new case tells.

    Parameters
    ----------
    form : Mapping[str, str]
        By the fields' names; a word of a list is FIELD:WORD, as a treatment is, with its response.

    Returns
    -------
    dict[str, Any]
        Fields of the context, for `read_context` to check.

    Raises
    ------
    RequestUnfit
        When a number is none, or a list says "none of these" beside a word.

    Examples
    --------
    >>> read_told({"site": "forearm", "side": "left", "itch": "7", "textures:flat": "1", "symptoms:none": "1"})
    {'site': 'left_forearm', 'itch': 7.0, 'textures': ['flat'], 'symptoms': []}
    """
    told: dict[str, Any] = {}
    for name, value in form.items():
        field, _, word = name.partition(":")
        if field == "side":
            continue
        if not word:
            told[field] = _number(value) if field in FIELDS and FIELDS[field].kind in _NUMBERS else value
        elif field == "treatments":
            told.setdefault(field, []).append({"treatment": word} | ({} if value == TRIED else {"response": value}))
        else:
            told.setdefault(field, []).append(word)
    if "site" in told and "side" in form:
        told["site"] = f"{form['side']}_{told['site']}"
    return {field: _without_none(value) if isinstance(value, list) else value for field, value in told.items()}


def _without_none(words: list[Any]) -> list[Any]:
    if NONE not in words:
        return words
    if len(words) > 1:
        raise RequestUnfit("A list says none of these, and names one.")
    return []


def _number(typed: str) -> float:
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        raise RequestUnfit("A number was expected.") from None


def list_told(context: Mapping[str, Any]) -> list[tuple[ContextField, Any]]:
    """List what a case's context tells of all that is asked, but for the site, which pages name by itself.

    Parameters
    ----------
    context : Mapping[str, Any]
        As it was stored, which `read_context` has once read.

    Returns
    -------
    list[tuple[ContextField, Any]]
        Each field that is known, with its value as `PatientContext` has it.
    """
    known = read_context(context)
    asked = [field for fold in (FIRST, *FOLDS) for field in fold.fields if field.name != "site"]
    values = ((field, getattr(known, field.name)) for field in asked)
    return [(field, value) for field, value in values if value is not None]


def responses() -> tuple[str, ...]:
    """What a treatment may have done, for the form to offer."""
    return (TRIED, *RESPONSES)
