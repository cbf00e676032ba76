"""The taxonomy against an independent list."""

import pytest

from flexura.decision.taxonomy import ECZEMA_GROUP, TAXONOMY, labels_of
from flexura.errors import CalibrationError

# Written down apart from the source: the order is part of every model bundle.
ORDER = [
    "atopic_dermatitis",
    "contact_dermatitis",
    "seborrhoeic_dermatitis",
    "nummular_eczema",
    "dyshidrotic_eczema",
    "lichen_simplex",
    "eczema_unspecified",
    "xerosis",
    "ichthyosis",
    "keratosis_pilaris",
    "psoriasis",
    "lichen_planus",
    "pityriasis_rosea",
    "pityriasis_rubra_pilaris",
    "tinea",
    "scabies",
    "impetigo",
    "cellulitis",
    "folliculitis",
    "herpes",
    "viral_exanthem",
    "other_infection",
    "urticaria",
    "acne",
    "rosacea",
    "prurigo",
    "lupus",
    "erythema_multiforme",
    "hailey_hailey",
    "hidradenitis",
    "other_inflammatory",
    "mycosis_fungoides",
    "growth",
    "vitiligo",
    "healthy_skin",
]

VERIFIED = {
    "atopic_dermatitis": "24079001",
    "eczema_unspecified": "43116000",
    "psoriasis": "9014002",
    "rosacea": "398909004",
}


def test_codes_and_their_order() -> None:
    assert [label.code for label in TAXONOMY] == ORDER


def test_eight_groups_with_seven_eczemas() -> None:
    groups = [label.group for label in TAXONOMY]
    assert len(set(groups)) == 8
    assert groups.count(ECZEMA_GROUP) == 7
    assert groups[:7] == [ECZEMA_GROUP] * 7


def test_snomed_stands_only_where_verified_and_with_its_source() -> None:
    assert {label.code: label.snomed for label in TAXONOMY if label.snomed} == VERIFIED
    assert all((label.snomed is None) == (label.snomed_source is None) for label in TAXONOMY)


def test_lookup_keeps_the_order_given() -> None:
    assert [label.code for label in labels_of(["tinea", "acne"])] == ["tinea", "acne"]


def test_unknown_code_is_named() -> None:
    with pytest.raises(CalibrationError, match="'wart'"):
        labels_of(["acne", "wart"])
