"""How values are written: the character sets, forms and lengths of PS3.5 table 6.2-1.

Works on the bytes of an element as they stand in the file, and says what is wrong in words that
hold no value.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

_MOST = MappingProxyType(
    {"AE": 16, "CS": 16, "DS": 16, "IS": 12, "LO": 64, "LT": 10240, "SH": 16, "ST": 1024, "UI": 64}
)
_FORMS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "AS": re.compile(r"\d{3}[DWMY]"),
        "CS": re.compile(r"[A-Z0-9 _]*"),
        "DA": re.compile(r"\d{8}"),
        "DS": re.compile(r" *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? *"),
        "DT": re.compile(r"\d{4}(\d{2}(\d{2}(\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?)?)?)?([+-]\d{4})?"),
        "IS": re.compile(r" *[+-]?\d+ *"),
        "TM": re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?"),
        "UI": re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+"),
    }
)
# Bytes of one value.
_SIZES = MappingProxyType({"US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8, "AT": 4, "SV": 8, "UV": 8})
_ONE_VALUE = ("LT", "ST", "UT", "UR")  # a backslash is a character of theirs
_TEXT = frozenset({*_MOST, "AS", "DA", "DT", "TM", "PN", "UC", "UR", "UT"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # all but TAB, LF, FF, CR and ESC (PS3.5 6.1.3)
_COMPONENT_CHARACTERS, _COMPONENT_GROUPS, _COMPONENTS = 64, 3, 5


def split_values(raw: bytes, representation: str, codec: str = "latin_1") -> list[str]:
    r"""Split a text element into its values, padding removed.

    Parameters
    ----------
    raw : bytes
        Value of the element.
    representation : str
        Its value representation.
    codec : str
        Python's name of its character set.

    Returns
    -------
    list[str]
        One string per value; empty for an empty element.

    Examples
    --------
    >>> split_values(b"ORIGINAL\\PRIMARY ", "CS")
    ['ORIGINAL', 'PRIMARY']
    """
    whole = raw.decode(codec, "replace").rstrip("\0 " if representation == "UI" else " ")
    if not whole:
        return []
    parts = [whole] if representation in _ONE_VALUE else whole.split("\\")
    return [part.strip(" ") if representation in ("CS", "AE", "LO", "SH", "UI") else part.rstrip(" ") for part in parts]


def is_text(representation: str) -> bool:
    """Whether values of this representation are characters.

    Parameters
    ----------
    representation : str
        Such as "CS".

    Returns
    -------
    bool
        False for numbers, bytes and sequences.
    """
    return representation in _TEXT


def fault_of(raw: bytes, representation: str, codec: str = "latin_1") -> str | None:
    """Say what is wrong with the way an element is written.

    Parameters
    ----------
    raw : bytes
        Value of the element.
    representation : str
        Its value representation.
    codec : str
        Python's name of its character set, for counting characters.

    Returns
    -------
    str or None
        A few words without any value; `None` if all is well.

    References
    ----------
    PS3.5, 6.2 and table 6.2-1.

    Examples
    --------
    >>> fault_of(b"2026-01-02", "DA")
    'value 1 is no date YYYYMMDD'
    """
    if representation in _SIZES:
        size = _SIZES[representation]
        return f"{len(raw)} bytes are no multiple of {size}" if len(raw) % size else None
    if representation not in _TEXT:
        return None
    for place, value in enumerate(split_values(raw, representation, codec), 1):
        fault = _fault_of_value(value, representation) if value else None
        if fault:
            return f"value {place} {fault}"
    return None


def value_count(raw: bytes, representation: str) -> int:
    """Count the values of an element.

    Parameters
    ----------
    raw : bytes
        Value of the element.
    representation : str
        Its value representation.

    Returns
    -------
    int
        0 for an empty element, 1 for bytes of no structure.
    """
    if not raw:
        return 0
    if representation in _SIZES:
        return len(raw) // _SIZES[representation]
    return len(split_values(raw, representation)) if representation in _TEXT else 1


def fits_multiplicity(count: int, multiplicity: str) -> bool:
    """Whether a number of values fits a value multiplicity.

    Parameters
    ----------
    count : int
        At least 1.
    multiplicity : str
        As in PS3.6: "1", "1-3", "2-n", "2-2n", "1 or 2".

    Returns
    -------
    bool
        Whether it does.

    Examples
    --------
    >>> fits_multiplicity(4, "2-2n"), fits_multiplicity(3, "2-2n")
    (True, False)
    """
    for choice in multiplicity.split(" or "):
        low, _, high = choice.partition("-")
        if not high:
            fits = count == int(low)
        elif high.endswith("n"):
            step = int(high[:-1] or 1)
            fits = count >= int(low) and (count - int(low)) % step == 0
        else:
            fits = int(low) <= count <= int(high)
        if fits:
            return True
    return False


def _fault_of_value(value: str, representation: str) -> str | None:
    is_switched = "\x1b" in value  # escape sequences are no characters of the text
    if not is_switched and len(value) > _MOST.get(representation, len(value)):
        return f"has {len(value)} characters, more than {_MOST[representation]}"
    if _CONTROL.search(value):
        return "holds control characters"
    form = _FORMS.get(representation)
    if form is not None and not form.fullmatch(value):
        return f"is no {_NAMES[representation]}"
    special = _SPECIAL.get(representation)
    return special(value) if special else None


def _fault_of_date(value: str) -> str | None:
    return None if _is_time(value, "%Y%m%d") else "is no date of the calendar"


def _fault_of_time(value: str) -> str | None:
    digits = value.partition(".")[0]
    if digits[4:] == "60":  # a leap second (PS3.5 table 6.2-1)
        digits = digits[:4] + "59"
    return None if _is_time(digits, "%H%M%S"[: len(digits)]) else "is no time of day"


def _fault_of_date_time(value: str) -> str | None:
    digits = re.split(r"[.+-]", value)[0]
    form = "%Y%m%d%H%M%S"[: len(digits) - 2]
    return None if _is_time(digits, form) else "is no date and time of the calendar"


def _fault_of_integer(value: str) -> str | None:
    return None if -(2**31) <= int(value) < 2**31 else "is outside 32 bits"


def _fault_of_name(value: str) -> str | None:
    groups = value.split("=")
    if len(groups) > _COMPONENT_GROUPS or any(len(group.split("^")) > _COMPONENTS for group in groups):
        return "has too many component groups or components"
    if "\x1b" not in value and any(len(group) > _COMPONENT_CHARACTERS for group in groups):
        return f"has a component group of more than {_COMPONENT_CHARACTERS} characters"
    return None


def _is_time(digits: str, form: str) -> bool:
    try:
        datetime.strptime(digits, form)
    except ValueError:
        return False
    return True


_SPECIAL: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "DA": _fault_of_date,
        "TM": _fault_of_time,
        "DT": _fault_of_date_time,
        "IS": _fault_of_integer,
        "PN": _fault_of_name,
    }
)
_NAMES = MappingProxyType(
    {
        "AS": "age such as 018M",
        "CS": "code string of capitals, digits, blanks and underscores",
        "DA": "date YYYYMMDD",
        "DS": "decimal string",
        "DT": "date and time YYYYMMDDHHMMSS.FFFFFF&ZZXX",
        "IS": "integer string",
        "TM": "time HHMMSS.FFFFFF",
        "UI": "unique identifier",
    }
)
