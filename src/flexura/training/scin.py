"""SCIN's questionnaires as patient contexts with their dermatologists' labels; drawn for a diagnosis, too.

SCIN (Ward et al. 2024, doi 10.1001/jamanetworkopen.2024.46615) gives age group, sex, symptoms,
duration and body parts of 5,033 cases with weighted dermatologist labels, almost without
photos. A training photo of a diagnosis is paired with the context of a SCIN case of the same
diagnosis: image and context are then independent given the diagnosis, which is what the
network's fusion should learn to combine.
"""

import ast
import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flexura.clinical.context import encode_context
from flexura.clinical.vocabulary import SYMPTOMS, TEXTURES
from flexura.errors import ManifestError
from flexura.records import FloatArray, PatientContext

# One of them is held out.
BUCKETS = 5

# SCIN's label -> code of the taxonomy; labels that are not here are too rare or have no code.
CODE_OF_LABEL = {
    "Eczema": "eczema_unspecified",
    "Acute and chronic dermatitis": "eczema_unspecified",
    "Acute dermatitis, NOS": "eczema_unspecified",
    "Chronic dermatitis, NOS": "eczema_unspecified",
    "Infected eczema": "eczema_unspecified",
    "Allergic Contact Dermatitis": "contact_dermatitis",
    "Irritant Contact Dermatitis": "contact_dermatitis",
    "CD - Contact dermatitis": "contact_dermatitis",
    "Seborrheic Dermatitis": "seborrhoeic_dermatitis",
    "Lichen Simplex Chronicus": "lichen_simplex",
    "Lichenified eczematous dermatitis": "lichen_simplex",
    "Xerosis": "xerosis",
    "Ichthyosis": "ichthyosis",
    "Keratosis pilaris": "keratosis_pilaris",
    "Psoriasis": "psoriasis",
    "Lichen planus/lichenoid eruption": "lichen_planus",
    "Pityriasis rosea": "pityriasis_rosea",
    "Tinea": "tinea",
    "Scabies": "scabies",
    "Impetigo": "impetigo",
    "Ecthyma": "impetigo",
    "Cellulitis": "cellulitis",
    "Folliculitis": "folliculitis",
    "Herpes Simplex": "herpes",
    "Herpes Zoster": "herpes",
    "Viral Exanthem": "viral_exanthem",
    "Molluscum Contagiosum": "other_infection",
    "Tinea Versicolor": "other_infection",
    "Verruca vulgaris": "other_infection",
    "Abscess": "other_infection",
    "Urticaria": "urticaria",
    "Acne": "acne",
    "Rosacea": "rosacea",
    "Prurigo nodularis": "prurigo",
    "Cutaneous lupus": "lupus",
    "Erythema multiforme": "erythema_multiforme",
    "Hidradenitis": "hidradenitis",
    "Insect Bite": "other_inflammatory",
    "Drug Rash": "other_inflammatory",
    "Hypersensitivity": "other_inflammatory",
    "Granuloma annulare": "other_inflammatory",
    "Leukocytoclastic Vasculitis": "other_inflammatory",
    "Cutaneous T Cell Lymphoma": "mycosis_fungoides",
    "SCC/SCCIS": "growth",
    "Actinic Keratosis": "growth",
    "Basal Cell Carcinoma": "growth",
    "SK/ISK": "growth",
    "Melanocytic Nevus": "growth",
    "Hemangioma": "growth",
    "Cyst": "growth",
    "Vitiligo": "vitiligo",
}
# Ages that the questionnaires tell, from the first to below the second.
AGES_YEARS = (18.0, 80.0)
# Questionnaire answer -> the middle of its span (years; days).
_AGE_YEARS = {
    "AGE_18_TO_29": 24.0,
    "AGE_30_TO_39": 35.0,
    "AGE_40_TO_49": 45.0,
    "AGE_50_TO_59": 55.0,
    "AGE_60_TO_69": 65.0,
    "AGE_70_TO_79": 75.0,
}
_DURATION_DAYS = {
    "ONE_DAY": 1.0,
    "LESS_THAN_ONE_WEEK": 4.0,
    "ONE_TO_FOUR_WEEKS": 16.0,
    "ONE_TO_THREE_MONTHS": 60.0,
    "THREE_TO_TWELVE_MONTHS": 220.0,
    "MORE_THAN_ONE_YEAR": 900.0,
    "MORE_THAN_FIVE_YEARS": 3000.0,
    "SINCE_CHILDHOOD": 7000.0,
}
_SITE_OF_PART = {
    "head_or_neck": "face",
    "arm": "forearm",
    "palm": "palm",
    "back_of_hand": "hand_back",
    "torso_front": "chest",
    "torso_back": "back",
    "buttocks": "buttocks",
    "leg": "lower_leg",
    "foot_top_or_side": "foot_back",
    "foot_sole": "sole",
}
# All affected parts; `_SITE_OF_PART` stays as the shipped network was trained with it.
_AFFECTED_OF_PART = _SITE_OF_PART | {"genitalia_or_groin": "groin"}


@dataclass(frozen=True)
class ScinCase:
    """One case: its context, and the dermatologists' weight (0-1) of each code of the taxonomy."""

    case_id: str
    context: PatientContext
    codes: dict[str, float]


@dataclass(frozen=True)
class ContextPool:
    """Encoded contexts (N, F) and, per code, which of them to draw with which probability."""

    values: FloatArray
    weights: dict[str, FloatArray]

    def draw(self, code: str, random: np.random.Generator) -> FloatArray:
        """One context (F,) for a diagnosis; from all cases alike where SCIN has none of it.

        Drawing from all keeps "has a context" from saying anything about the diagnosis.
        """
        chosen = random.choice(len(self.values), p=self.weights.get(code))
        return np.asarray(self.values[chosen], np.float32)


def read_cases(folder: Path) -> list[ScinCase]:
    """Read SCIN's case and label tables.

    Parameters
    ----------
    folder : Path
        As published.

    Returns
    -------
    list of ScinCase
        All cases with a label of the taxonomy, in the order of the label table.

    Raises
    ------
    ManifestError
        If a table is missing or holds no usable case.
    """
    try:
        rows = {row["case_id"]: row for row in _rows(folder / "scin_cases.csv")}
        labels = {row["case_id"]: row["weighted_skin_condition_label"] for row in _rows(folder / "scin_labels.csv")}
    except (OSError, KeyError) as error:
        raise ManifestError("the SCIN folder needs scin_cases.csv and scin_labels.csv as published") from error
    cases = [
        ScinCase(case_id, _context(rows[case_id]), codes)
        for case_id, label in labels.items()
        if (codes := _codes(label)) and case_id in rows
    ]
    if not cases:
        raise ManifestError("no SCIN case carries a label of the taxonomy")
    return cases


def is_held_out(case_id: str) -> bool:
    """Whether a case belongs to the fifth that no model is trained on, by the hash of its name."""
    return bucket(case_id) == 0


def bucket(name: str) -> int:
    """One of five buckets, 0 to 4, that a name always falls into."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % BUCKETS


def read_context_pool(folder: Path, *, held_out: bool = False) -> ContextPool:
    """Read SCIN's tables and encode the contexts for the network.

    Parameters
    ----------
    folder : Path
        As published.
    held_out : bool
        Take the cases that train nothing instead of those that may.

    Returns
    -------
    ContextPool
        Its cases with a label of the taxonomy.

    Raises
    ------
    ManifestError
        If a table is missing or holds no usable case.
    """
    cases = [case for case in read_cases(folder) if is_held_out(case.case_id) == held_out]
    if not cases:
        raise ManifestError("the SCIN folder holds too few cases to keep a fifth of them out of training")
    weights = {}
    for code in sorted(set(CODE_OF_LABEL.values())):
        column = np.array([case.codes.get(code, 0.0) for case in cases])
        if column.sum() > 0:
            weights[code] = column / column.sum()
    return ContextPool(np.array([encode_context(case.context).values for case in cases], np.float32), weights)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def _codes(weighted_label: str) -> dict[str, float]:
    codes: dict[str, float] = {}
    for label, weight in ast.literal_eval(weighted_label or "{}").items():
        if code := CODE_OF_LABEL.get(label):
            codes[code] = codes.get(code, 0.0) + float(weight)
    return codes


def _context(case: dict[str, str]) -> PatientContext:
    sex = {"FEMALE": "female", "MALE": "male"}.get(case["sex_at_birth"])
    parts = [site for part, site in _SITE_OF_PART.items() if case[f"body_parts_{part}"] == "YES"]
    symptoms = [name for name in case if name.startswith("condition_symptoms_") and case[name] == "YES"]
    itches = "condition_symptoms_itching" in symptoms
    skin_type = case["fitzpatrick_skin_type"].removeprefix("FST")
    return PatientContext(
        age_years=_AGE_YEARS.get(case["age_group"]),
        sex=sex,  # type: ignore[arg-type]  # the table above holds only members of Sex
        # The questionnaire asks whether it itches, not how much; unanswered is unknown.
        itch=float(itches) if symptoms else None,
        site=parts[0] if len(parts) == 1 else None,
        duration_days=_DURATION_DAYS.get(case["condition_duration"]),
        skin_type=int(skin_type) if skin_type.isdigit() else None,
        sites=_ticked(case, ("body_parts_",), _AFFECTED_OF_PART),
        symptoms=_ticked(case, ("condition_symptoms_", "other_symptoms_"), dict(zip(SYMPTOMS, SYMPTOMS, strict=True))),
        textures=_ticked(case, ("textures_",), dict(zip(TEXTURES, TEXTURES, strict=True))),
    )


def _ticked(case: dict[str, str], questions: tuple[str, ...], words: dict[str, str]) -> tuple[str, ...] | None:
    """Words of the boxes that were ticked; a question without any tick, not even "none of these", was not answered."""
    boxes = {
        name.removeprefix(start)
        for name in case
        for start in questions
        if name.startswith(start) and case[name] == "YES"
    }
    return tuple(word for box, word in words.items() if box in boxes) if boxes else None
