"""Patient context: from what a user typed to checked fields, and from fields to features.

Only these fields exist; a wrong name, unit or range is an error that names the field and never
repeats the value, which is patient data.
"""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

import numpy as np

from flexura.clinical.sites import SITES, ZONES, strip_laterality
from flexura.errors import ContextError
from flexura.records import FeatureVector, PatientContext, Sex

# Field, lowest and highest allowed value, unit.
_RANGES: dict[str, tuple[float, float, str]] = {
    "age_years": (0, 120, "years"),
    "itch": (0, 10, "points of the numerical rating scale"),
    "sleep_loss": (0, 10, "points of the numerical rating scale"),
    "duration_days": (0, 120 * 366, "days"),
    "skin_type": (1, 6, "Fitzpatrick type"),
}

# No training context is younger (SCIN holds adults only): a child's age is unknown to the network.
YOUNGEST_TRAINED_AGE_YEARS = 18

_ENCODING: tuple[tuple[str, str], ...] = (
    ("age", "half centuries, centred on 25 years"),
    ("is_female", "1 female, 0 male"),
    ("itches", "1 itch above 0"),
    ("duration", "log10 days, divided by 4"),
    ("skin_type", "Fitzpatrick type, centred on 3.5, per 2.5"),
    *((f"site_{zone}", "1 where the photo was taken there") for zone in ZONES),
)
CONTEXT_NAMES = tuple(name for name, _ in _ENCODING)
CONTEXT_UNITS = tuple(unit for _, unit in _ENCODING)


def read_context(given: Mapping[str, Any]) -> PatientContext:
    """Check a mapping of context fields.

    Parameters
    ----------
    given : mapping
        Field name to value; `None` is unknown.

    Returns
    -------
    PatientContext

    Raises
    ------
    ContextError
        If a field is unknown, has the wrong type or an impossible value.
    """
    allowed = {field.name for field in fields(PatientContext)}
    for name in given:
        if name not in allowed:
            raise ContextError(f"unknown context field {name!r}; known fields: {', '.join(sorted(allowed))}")
    known: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    for name, (low, high, unit) in _RANGES.items():
        if name in known:
            known[name] = _number(name, known[name], low=low, high=high, unit=unit)
    if "skin_type" in known:
        if not known["skin_type"].is_integer():
            raise ContextError("skin_type must be a whole Fitzpatrick type 1 to 6")
        known["skin_type"] = int(known["skin_type"])
    if "sex" in known and known["sex"] not in get_args(Sex):
        raise ContextError(f"sex must be one of {', '.join(get_args(Sex))}")
    if "site" in known and (not isinstance(known["site"], str) or strip_laterality(known["site"]) not in SITES):
        raise ContextError(f"site must be one of {', '.join(SITES)}, with left_ or right_ before it where known")
    return PatientContext(**known)


def _number(name: str, value: object, *, low: float, high: float, unit: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ContextError(f"{name} must be a number from {low:g} to {high:g} ({unit})")
    if not low <= value <= high:  # false for NaN, too
        raise ContextError(f"{name} is out of range: {low:g} to {high:g} ({unit})")
    return float(value)


def encode_context(context: PatientContext) -> FeatureVector:
    """Encode the fields that the network was trained on; NaN is unknown.

    Sleep loss and ages under 18 are not among them: no training case has them.

    Parameters
    ----------
    context : PatientContext
        Checked.

    Returns
    -------
    FeatureVector
        `CONTEXT_NAMES` with values of about unit scale.
    """
    values = dict.fromkeys(CONTEXT_NAMES, math.nan)
    if context.age_years is not None and context.age_years >= YOUNGEST_TRAINED_AGE_YEARS:
        values["age"] = context.age_years / 50 - 0.5
    if context.sex in ("female", "male"):
        values["is_female"] = float(context.sex == "female")
    if context.itch is not None:
        values["itches"] = float(context.itch > 0)
    if context.duration_days is not None:
        values["duration"] = math.log10(max(context.duration_days, 1)) / 4
    if context.skin_type is not None:
        values["skin_type"] = (context.skin_type - 3.5) / 2.5
    zone = SITES[strip_laterality(context.site)].zone if context.site else None
    if zone is not None:
        values.update({f"site_{other}": float(other == zone) for other in ZONES})
    return FeatureVector(CONTEXT_NAMES, np.array(list(values.values()), np.float32), CONTEXT_UNITS)
