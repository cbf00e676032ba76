"""Patient context: from what a user typed to checked fields, and from fields to the network's inputs.

Only the fields of `clinical.schema` exist; a wrong name, unit or range is an error that names the
field and never repeats the value, which is patient data. All features are in `clinical.features`.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from flexura.clinical.agreement import settle
from flexura.clinical.reading import is_unknown, read_field
from flexura.clinical.schema import FIELDS
from flexura.clinical.sites import SITES, ZONES, strip_laterality, zones_of
from flexura.clinical.vocabulary import SYMPTOMS, TEXTURES
from flexura.errors import ContextError
from flexura.records import FeatureVector, PatientContext

_LONGEST_NAME_SHOWN = 40

# No training context is younger (SCIN holds adults only): a child's age is unknown to the network.
YOUNGEST_TRAINED_AGE_YEARS = 18

# What SCIN asks (training.scin), so that every one of them has been learned from real answers: name, meaning, and the
# field of `PatientContext` that it comes from.
_ENCODING: tuple[tuple[str, str, str], ...] = (
    ("age", "half centuries, centred on 25 years", "age_years"),
    ("is_female", "1 female, 0 male", "sex"),
    ("itches", "1 itch above 0", "itch"),
    ("duration", "log10 days, divided by 4", "duration_days"),
    ("skin_type", "Fitzpatrick type, centred on 3.5, per 2.5", "skin_type"),
    *((f"site_{zone}", "1 where the photo was taken there", "site") for zone in ZONES),
    *((f"affected_{zone}", "1 affected there, 0 not", "sites") for zone in ZONES),
    *((f"symptom_{symptom}", "1 yes, 0 no", "symptoms") for symptom in SYMPTOMS),
    *((f"texture_{texture}", "1 yes, 0 no", "textures") for texture in TEXTURES),
)
CONTEXT_NAMES = tuple(name for name, _, _ in _ENCODING)
CONTEXT_UNITS = tuple(unit for _, unit, _ in _ENCODING)
# Places of each field in `CONTEXT_NAMES`: known as a whole or not at all.
CONTEXT_COLUMNS: Mapping[str, tuple[int, ...]] = {
    field: tuple(place for place, row in enumerate(_ENCODING) if row[2] == field) for _, _, field in _ENCODING
}


def read_context(given: Mapping[str, Any]) -> PatientContext:
    """Check a mapping of context fields.

    Parameters
    ----------
    given : mapping
        Field name to value, as `clinical.schema` lists them; `None` and "unknown" are unknown.
        A number may carry its unit: `{"value": 6, "unit": "years"}`.

    Returns
    -------
    PatientContext

    Raises
    ------
    ContextError
        If a field is unknown, has the wrong type or unit or an impossible value, or contradicts another.

    Examples
    --------
    >>> context = read_context({"birth_date": "2023-03-01", "captured_at": "2024-02-29T23:30:00-11:00"})
    >>> context.age_months
    11
    """
    for name in given:
        if name not in FIELDS:
            shown = repr(name)[:_LONGEST_NAME_SHOWN]
            raise ContextError(f"unknown context field {shown}; known fields: {', '.join(sorted(FIELDS))}")
    told = {
        name: read_field(field, given[name])
        for name, field in FIELDS.items()
        if name in given and not is_unknown(given[name])
    }
    return PatientContext(**settle(told))


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
    told: tuple[tuple[str, Sequence[str], Collection[str] | None], ...] = (
        ("site_", ZONES, None if zone is None else {zone}),
        ("affected_", ZONES, zones_of(context.sites)),
        ("symptom_", SYMPTOMS, context.symptoms),
        ("texture_", TEXTURES, context.textures),
    )
    for question, words, answer in told:
        if answer is not None:
            values.update({question + word: float(word in answer) for word in words})
    return FeatureVector(CONTEXT_NAMES, np.array(list(values.values()), np.float32), CONTEXT_UNITS)
