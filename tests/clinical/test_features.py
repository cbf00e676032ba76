"""The whole vector: stable names, a unit for each, and any context either reads or is refused by a field's name."""

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flexura.clinical.context import CONTEXT_NAMES, encode_context, read_context
from flexura.clinical.features import clinical_features
from flexura.clinical.schema import FIELDS, ContextField
from flexura.clinical.vocabulary import RESPONSES
from flexura.errors import ContextError
from flexura.records import PatientContext

EMPTY = clinical_features(PatientContext())

# "Zq" stands in no message of ours: if it shows, a value was repeated.
SECRETS = st.text("Zq", min_size=2, max_size=6)
DAYS = st.dates().map(str) | st.sampled_from(["2024-02-29", "2024-03-01T10:30:00Z", "2024-02-29T23:30:00-11:00"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SECRETS | DAYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SECRETS, inner, max_size=3),
    max_leaves=5,
)


def _plausible(field: ContextField) -> st.SearchStrategy[Any]:
    """Values that a field may well take."""
    if field.kind in ("number", "whole number"):
        return st.integers(math.floor(field.low), math.ceil(field.high)) | st.floats(field.low, field.high)
    words = st.sampled_from(field.words or ("unknown",))
    entry: st.SearchStrategy[Any] = {
        "itch scores": st.fixed_dictionaries({"day": DAYS, "itch": st.floats(0, 10)}),
        "treatments": st.fixed_dictionaries({"treatment": words}, optional={"response": st.sampled_from(RESPONSES)}),
        "items": st.integers(0, 4),
        "days": DAYS,
    }.get(field.kind, words)
    if field.kind in ("day", "time"):
        return DAYS
    return words if field.kind in ("word", "site", "zone") else st.lists(entry, max_size=7)


CONTEXTS = st.fixed_dictionaries({}, optional={name: _plausible(field) for name, field in FIELDS.items()})

# Of fields without days, these can contradict another: a duration or an onset the age, a pregnancy the sex, and
# features not found those found.
TIMELESS = st.fixed_dictionaries(
    {},
    optional={
        name: _plausible(field)
        for name, field in FIELDS.items()
        if field.kind in ("number", "word", "words", "site", "sites")
        and name not in {"duration_days", "onset_age_years", "features_not_found", "pregnancy"}
    },
)


def test_names_are_unique_and_every_one_has_a_unit() -> None:
    assert len(set(EMPTY.names)) == len(EMPTY.names) == len(EMPTY.units) == EMPTY.values.size
    assert all(EMPTY.units)
    assert EMPTY.values.dtype == np.float32


def test_an_unknown_context_says_only_that_it_is_unknown() -> None:
    for name, value in zip(EMPTY.names, EMPTY.values.tolist(), strict=True):
        assert math.isnan(value) or value == name.endswith("_unknown"), name


def test_the_network_s_own_vector_stays_what_it_was() -> None:
    assert CONTEXT_NAMES == (
        "age", "is_female", "itches", "duration", "skin_type",
        "site_head_neck", "site_arm", "site_hand", "site_trunk", "site_leg", "site_foot",
        "affected_head_neck", "affected_arm", "affected_hand", "affected_trunk", "affected_leg", "affected_foot",
        "symptom_bothersome_appearance", "symptom_bleeding", "symptom_increasing_size", "symptom_darkening",
        "symptom_burning", "symptom_pain", "symptom_fever", "symptom_chills", "symptom_fatigue",
        "symptom_joint_pain", "symptom_mouth_sores", "symptom_shortness_of_breath",
        "texture_raised_or_bumpy", "texture_flat", "texture_rough_or_flaky", "texture_fluid_filled",
    )  # fmt: skip


def _read(given: dict[str, Any]) -> tuple[PatientContext | None, str]:
    """The context, or the message of its refusal."""
    try:
        return read_context(given), ""
    except ContextError as error:
        return None, str(error)


@given(CONTEXTS)
def test_a_plausible_context_reads_or_names_the_field(given: dict[str, Any]) -> None:
    context, refusal = _read(given)
    if context is None:
        assert refusal.split()[0] in given
        return
    vector = clinical_features(context)
    assert vector.names == EMPTY.names
    assert not np.isinf(vector.values).any()
    assert encode_context(context).names == CONTEXT_NAMES


@given(TIMELESS)
def test_without_days_every_plausible_context_reads(given: dict[str, Any]) -> None:
    context, refusal = _read(given)
    assert context is not None, refusal
    assert not np.isinf(clinical_features(context).values).any()


@given(st.dictionaries(st.sampled_from(list(FIELDS)), ANYTHING, max_size=6))
def test_any_value_reads_or_is_refused_by_name_without_being_repeated(given: dict[str, Any]) -> None:
    context, refusal = _read(given)
    if context is None:
        assert refusal.split()[0] in given
        assert not {"Z", "q"} & set(refusal)


@given(st.dictionaries(st.text(max_size=50) | st.integers(), ANYTHING, min_size=1, max_size=3))
def test_any_other_key_is_refused(given: dict[Any, Any]) -> None:
    _, refusal = _read(given)
    assert refusal.startswith("unknown context field")
