"""Words as columns: exactly one of a list, several of it, none of it, or not asked."""

from typing import Any

import numpy as np

from flexura.clinical.categories import categorical_features, encode_word, encode_words
from flexura.records import PatientContext, TriedTreatment


def ones(prefix: str, **known: Any) -> set[str]:
    """Columns of a list that are 1, without the prefix."""
    vector = categorical_features(PatientContext(**known))
    named = zip(vector.names, vector.values.tolist(), strict=True)
    return {name.removeprefix(f"{prefix}_") for name, value in named if name.startswith(f"{prefix}_") and value}


def test_one_word_by_hand() -> None:
    values = [value for _, value, _ in encode_word("x", "b", words=["a", "b"])]
    assert values == [0, 1, 0]


def test_none_is_not_unknown() -> None:
    assert [value for _, value, _ in encode_words("x", (), words=["a", "b"])] == [0, 0, 0]
    assert [value for _, value, _ in encode_words("x", None, words=["a", "b"])] == [0, 0, 1]
    assert [value for _, value, _ in encode_words("x", ("b", "a"), words=["a", "b"])] == [1, 1, 0]


def test_an_empty_context_is_unknown_in_every_list_and_says_nothing_else() -> None:
    vector = categorical_features(PatientContext())
    assert not np.isnan(vector.values).any()
    for name, value in zip(vector.names, vector.values.tolist(), strict=True):
        assert value == name.endswith("_unknown"), name


def test_each_list_has_one_column_for_unknown() -> None:
    names = categorical_features(PatientContext()).names
    lists = ["sex", "course", "symptom", "texture", "trigger", "atopy_self", "atopy_family", "affected", "tried"]
    for prefix in lists:
        assert f"{prefix}_unknown" in names
    assert sum(name.endswith("_unknown") for name in names) == len(lists) + 6  # a response for each class of treatment


def test_words_of_a_context() -> None:
    assert ones("sex", sex="other") == {"other"}
    assert ones("course", course="persistent") == {"persistent"}
    assert ones("trigger", triggers=("food", "heat")) == {"food", "heat"}
    assert ones("atopy_self", atopy_self=()) == set()
    assert ones("atopy_family", atopy_family=("asthma",)) == {"asthma"}


def test_sites_are_affected_zones_without_their_side() -> None:
    assert ones("affected", sites=("left_palm", "right_finger", "neck")) == {"hand", "head_neck"}
    assert ones("affected", sites=("nail",)) == set()
    assert ones("affected", sites=("whole_body",)) == {"head_neck", "arm", "hand", "trunk", "leg", "foot"}
    assert ones("affected", site="left_palm") == {"unknown"}  # where the photo was taken is not all that is affected


def test_the_best_response_of_a_class_counts() -> None:
    tried = (
        TriedTreatment("topical_corticosteroid_mild", "unchanged"),
        TriedTreatment("tapinarof", "improved"),
        TriedTreatment("topical_corticosteroid_potent"),
        TriedTreatment("antifungal", "worse"),
        TriedTreatment("emollient"),
    )
    assert ones("response_topical_anti_inflammatory", treatments=tried) == {"improved"}
    assert ones("response_anti_infective", treatments=tried) == {"worse"}
    assert ones("response_emollient", treatments=tried) == {"unknown"}
    assert ones("response_systemic", treatments=tried) == {"unknown"}
    assert ones("tried", treatments=tried) == {one.treatment for one in tried}
    assert ones("tried", treatments=()) == set()
