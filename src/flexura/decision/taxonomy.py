"""The 35 diagnosis codes in 8 groups that the network answers in, in the order of its output.

`eczema` is the family the product is about. A SNOMED CT concept stands only where the very same
concept was verified: DICOM PS3.16, context group CID 4405 "Skin Disorder"; elsewhere `None`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flexura.errors import CalibrationError

ECZEMA_GROUP: Final = "eczema"

_CID_4405: Final = "DICOM PS3.16 CID 4405"


@dataclass(frozen=True)
class Label:
    """One diagnosis: stable code, English name, group, and its SNOMED CT concept with where it was verified."""

    code: str
    name: str
    group: str
    snomed: str | None = None
    snomed_source: str | None = None


TAXONOMY: Final = (
    Label("atopic_dermatitis", "Atopic dermatitis (atopic eczema)", "eczema", "24079001", _CID_4405),
    Label("contact_dermatitis", "Contact dermatitis (allergic or irritant)", "eczema"),
    Label("seborrhoeic_dermatitis", "Seborrhoeic dermatitis", "eczema"),
    Label("nummular_eczema", "Nummular (discoid) eczema", "eczema"),
    Label("dyshidrotic_eczema", "Dyshidrotic eczema (pompholyx)", "eczema"),
    Label("lichen_simplex", "Lichen simplex chronicus (neurodermatitis)", "eczema"),
    Label("eczema_unspecified", "Eczema not further specified", "eczema", "43116000", _CID_4405),
    Label("xerosis", "Xerosis (dry skin) and asteatosis", "dry_skin"),
    Label("ichthyosis", "Ichthyosis", "dry_skin"),
    Label("keratosis_pilaris", "Keratosis pilaris", "dry_skin"),
    Label("psoriasis", "Psoriasis", "papulosquamous", "9014002", _CID_4405),
    Label("lichen_planus", "Lichen planus", "papulosquamous"),
    Label("pityriasis_rosea", "Pityriasis rosea", "papulosquamous"),
    Label("pityriasis_rubra_pilaris", "Pityriasis rubra pilaris", "papulosquamous"),
    Label("tinea", "Tinea (dermatophytosis)", "infection"),
    Label("scabies", "Scabies", "infection"),
    Label("impetigo", "Impetigo", "infection"),
    Label("cellulitis", "Cellulitis or erysipelas", "infection"),
    Label("folliculitis", "Folliculitis", "infection"),
    Label("herpes", "Herpes simplex or zoster", "infection"),
    Label("viral_exanthem", "Viral exanthem", "infection"),
    Label("other_infection", "Other infection or infestation", "infection"),
    Label("urticaria", "Urticaria", "inflammatory"),
    Label("acne", "Acne", "inflammatory"),
    Label("rosacea", "Rosacea", "inflammatory", "398909004", _CID_4405),
    Label("prurigo", "Prurigo and neurotic excoriation", "inflammatory"),
    Label("lupus", "Cutaneous lupus erythematosus", "inflammatory"),
    Label("erythema_multiforme", "Erythema multiforme", "inflammatory"),
    Label("hailey_hailey", "Hailey-Hailey disease", "inflammatory"),
    Label("hidradenitis", "Hidradenitis suppurativa", "inflammatory"),
    Label("other_inflammatory", "Other inflammatory disease", "inflammatory"),
    Label("mycosis_fungoides", "Mycosis fungoides", "neoplasm"),
    Label("growth", "Growth (benign or malignant)", "neoplasm"),
    Label("vitiligo", "Vitiligo", "pigment"),
    Label("healthy_skin", "Healthy skin", "healthy"),
)


def labels_of(codes: Iterable[str]) -> tuple[Label, ...]:
    """Look up codes in the taxonomy, in the order given.

    Parameters
    ----------
    codes : iterable of str
        Diagnosis codes, for example those that a model bundle was trained on.

    Returns
    -------
    tuple of Label
        One label per code.

    Raises
    ------
    CalibrationError
        If a code is not in the taxonomy.

    Examples
    --------
    >>> labels_of(["psoriasis"])[0].snomed
    '9014002'
    """
    known = {label.code: label for label in TAXONOMY}
    wanted = tuple(codes)
    for code in wanted:
        if code not in known:
            raise CalibrationError(f"diagnosis code {code!r} is not one of the {len(known)} codes of the taxonomy")
    return tuple(known[code] for code in wanted)
