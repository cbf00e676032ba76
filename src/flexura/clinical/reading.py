"""Read one value of a context by the kind of its field; what does not fit is refused by the field's name.

A message holds the field and what it takes, never the value, which is patient data.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from flexura.clinical.ages import read_zone
from flexura.clinical.schema import (
    FIRST_YEAR,
    HIGHEST_ITCH,
    HIGHEST_POEM_ITEM,
    LAST_YEAR,
    MOST_ENTRIES,
    POEM_ITEMS,
    ContextField,
    Kind,
)
from flexura.clinical.sites import strip_laterality
from flexura.clinical.vocabulary import RESPONSES
from flexura.errors import ContextError
from flexura.records import ItchScore, TriedTreatment

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(_DAY.pattern + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?")
_LEAST_OFFSET, _MOST_OFFSET = timedelta(hours=-12), timedelta(hours=14)


def read_field(field: ContextField, value: object) -> Any:
    """Check one value against its field.

    Parameters
    ----------
    field : ContextField
        A row of the schema.
    value : object
        As it came from JSON, TOML or an option; known.

    Returns
    -------
    object
        Number, word, day, or tuple of these, as `PatientContext` keeps it; `captured_at` and
        `time_zone` as `datetime` or `date` and `tzinfo`.

    Raises
    ------
    ContextError
        If the value is of another type, unit or vocabulary, or out of range.
    """
    return _READERS[field.kind](field, value)


def _wrong(field: ContextField) -> ContextError:
    return ContextError(f"{field.name} must be {field.expected}")


def _number(field: ContextField, value: object) -> float:
    value = _in_unit(field, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(field)
    if not field.low <= value <= field.high:  # false for NaN, too
        raise ContextError(f"{field.name} is out of range: {field.low:g} to {field.high:g} ({field.unit})")
    return float(value)


def _in_unit(field: ContextField, value: object) -> object:
    """The bare number of a value that carries its unit; there is one unit for each field."""
    if not isinstance(value, Mapping):
        return value
    if set(value) != {"value", "unit"} or value["unit"] != field.unit:
        raise ContextError(f"{field.name} must be given in its unit, {field.unit}, as a number or with value and unit")
    return value["value"]


def _whole_number(field: ContextField, value: object) -> int:
    number = _number(field, value)
    if not number.is_integer():
        raise _wrong(field)
    return int(number)


def _word(field: ContextField, value: object) -> str:
    if not isinstance(value, str) or value not in field.words:
        raise _wrong(field)
    return value


def _words(field: ContextField, value: object) -> tuple[str, ...]:
    """The words in the order of the vocabulary, each once."""
    given = {_word(field, entry) for entry in _entries(field, value)}
    return tuple(word for word in field.words if word in given)


def _entries(field: ContextField, value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise _wrong(field)
    if len(value) > MOST_ENTRIES:
        raise ContextError(f"{field.name} holds too many entries; at most {MOST_ENTRIES} are read")
    return list(value)


def _site(field: ContextField, value: object) -> str:
    if not isinstance(value, str) or strip_laterality(value) not in field.words:
        raise _wrong(field)
    return value


def _sites(field: ContextField, value: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_site(field, entry) for entry in _entries(field, value)))


def _day(field: ContextField, value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        value = _parsed(field, date.fromisoformat, value)
    if not isinstance(value, date) or isinstance(value, datetime) or not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise _wrong(field)
    return value


def _time(field: ContextField, value: object) -> date | datetime:
    if isinstance(value, str) and _TIME.fullmatch(value):
        value = _parsed(field, datetime.fromisoformat, value)
    if not isinstance(value, datetime):
        return _day(field, value)
    offset = value.utcoffset()
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise _wrong(field)
    if offset is not None and not _LEAST_OFFSET <= offset <= _MOST_OFFSET:
        raise _wrong(field)
    return value


def _parsed(field: ContextField, parse: Callable[[str], date], text: str) -> date:
    try:
        return parse(text)
    except ValueError as error:  # such as 30 February
        raise _wrong(field) from error


def _zone(field: ContextField, value: object) -> tzinfo:
    if not isinstance(value, str):
        raise _wrong(field)
    try:
        return read_zone(value)
    except ValueError as error:
        raise _wrong(field) from error


def _days(field: ContextField, value: object) -> tuple[date, ...]:
    return tuple(sorted({_day(field, entry) for entry in _entries(field, value)}))


def _itch_scores(field: ContextField, value: object) -> tuple[ItchScore, ...]:
    scores = [_itch_score(field, entry) for entry in _entries(field, value)]
    return tuple(sorted(scores, key=lambda score: score.day))


def _itch_score(field: ContextField, entry: object) -> ItchScore:
    if not isinstance(entry, Mapping) or set(entry) != {"day", "itch"}:
        raise _wrong(field)
    itch = entry["itch"]
    if isinstance(itch, bool) or not isinstance(itch, int | float) or not 0 <= itch <= HIGHEST_ITCH:
        raise _wrong(field)
    return ItchScore(_day(field, entry["day"]), float(itch))


def _items(field: ContextField, value: object) -> tuple[int, ...]:
    entries = _entries(field, value)
    items = [entry for entry in entries if type(entry) is int and 0 <= entry <= HIGHEST_POEM_ITEM]
    if len(items) != len(entries) or len(items) != POEM_ITEMS:
        raise _wrong(field)
    return tuple(items)


def _treatments(field: ContextField, value: object) -> tuple[TriedTreatment, ...]:
    tried = tuple(_treatment(field, entry) for entry in _entries(field, value))
    if len({one.treatment for one in tried}) != len(tried):
        raise _wrong(field)
    return tried


def _treatment(field: ContextField, entry: object) -> TriedTreatment:
    if not isinstance(entry, Mapping) or not {"treatment"} <= set(entry) <= {"treatment", "response"}:
        raise _wrong(field)
    response = entry.get("response")
    if is_unknown(response):
        return TriedTreatment(_word(field, entry["treatment"]))
    if not isinstance(response, str) or response not in RESPONSES:
        raise _wrong(field)
    return TriedTreatment(_word(field, entry["treatment"]), response)


def is_unknown(value: object) -> bool:
    """Whether a value says that it is unknown: `None`, or the word "unknown"."""
    return value is None or (isinstance(value, str) and value == "unknown")


_READERS: Final[Mapping[Kind, Callable[[ContextField, object], object]]] = {
    "number": _number,
    "whole number": _whole_number,
    "word": _word,
    "words": _words,
    "site": _site,
    "sites": _sites,
    "day": _day,
    "time": _time,
    "zone": _zone,
    "days": _days,
    "itch scores": _itch_scores,
    "items": _items,
    "treatments": _treatments,
}
