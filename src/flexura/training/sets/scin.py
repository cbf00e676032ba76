"""SCIN: 5,033 cases of one to three phone photos, labelled by up to three dermatologists with weights.

Layout: github.com/google-research-datasets/scin, `dataset_schema.md`: `scin_cases.csv` (case_id,
fitzpatrick_skin_type, image_1_path to image_3_path, ...), `scin_labels.csv` (case_id, weighted_skin_condition_label,
...) and `dataset/images/`. Ward et al. 2024, doi:10.1001/jamanetworkopen.2024.46615. A case is a group. Its photos
get the code of its heaviest label, and the weights of all its labels as soft labels. The dermatologists typed what
they liked: labels in no table are left out.
"""

import ast
from pathlib import Path

from flexura.errors import ManifestError
from flexura.training.scin import CODE_OF_LABEL
from flexura.training.sets.layout import (
    LEFT_OUT,
    Found,
    Listing,
    PhotoSet,
    find_table,
    labelled,
    list_photos,
    read_rows,
    read_skin_type,
)

_IMAGES = ("image_1_path", "image_2_path", "image_3_path")
_LABEL = "weighted_skin_condition_label"


def find(folder: Path) -> Listing:
    """List the photos of the cases that carry a label.

    Parameters
    ----------
    folder : Path
        The set as published.

    Returns
    -------
    Listing
        In the order of the case table.

    Raises
    ------
    ManifestError
        If a table or a column is missing, or a weighted label is malformed.
    """
    labels = read_rows(find_table(folder, ["scin_labels.csv"]), ["case_id", _LABEL])
    weights = {row["case_id"]: _read_weights(row[_LABEL], row=number) for number, row in enumerate(labels, 2)}
    photos = {path.name: path.as_posix() for path in list_photos(folder)}
    listed: list[Found] = []
    missing = 0
    for row in read_rows(find_table(folder, ["scin_cases.csv"]), ["case_id", "fitzpatrick_skin_type", *_IMAGES]):
        names = [Path(row[column]).name for column in _IMAGES if row[column]]
        of_case = weights.get(row["case_id"])
        if not of_case:
            continue
        label = max(of_case, key=lambda name: of_case[name])
        skin_type = read_skin_type(row["fitzpatrick_skin_type"])
        there = [photos[name] for name in names if name in photos]
        missing += len(names) - len(there)
        listed += [Found(file, label, row["case_id"], skin_type, weights=of_case) for file in there]
    return Listing(tuple(listed), missing)


def _read_weights(text: str, *, row: int) -> dict[str, float]:
    try:
        weights = ast.literal_eval(text) if text else {}
        return {str(label): float(weight) for label, weight in weights.items()}
    except (ValueError, SyntaxError, AttributeError, TypeError) as error:
        raise ManifestError(f"row {row} of scin_labels.csv has a weighted label that cannot be read") from error


# What the questionnaires' table (`training.scin`) leaves to the photos, from four cases on.
_MORE: dict[str, str | None] = {
    **labelled("contact_dermatitis", "Contact dermatitis, NOS", "Contact dermatitis caused by Rhus diversiloba"),
    **labelled("eczema_unspecified", "Stasis Dermatitis", "Acute constitutional eczema"),
    **labelled("lichen_simplex", "Lichenified eczema"),
    **labelled("dyshidrotic_eczema", "Acute-on-chronic dyshidrotic eczema of hands"),
    **labelled("psoriasis", "Inverse psoriasis"),
    **labelled("pityriasis_rubra_pilaris", "Pityriasis rubra pilaris"),
    **labelled("tinea", "Onychomycosis"),
    **labelled("cellulitis", "Erysipelas"),
    **labelled("prurigo", "Prurigo"),
    **labelled("lupus", "SLE - Systemic lupus erythematosus-related syndrome"),
    **labelled("hailey_hailey", "Hailey Hailey disease"),
    **labelled("viral_exanthem", "Hand foot and mouth disease", "Chicken pox exanthem"),
    **labelled(
        "other_infection",
        *("Candida", "Candida intertrigo", "Candidal intertrigo", "Condyloma acuminatum", "Cutaneous larva migrans"),
        *("Deep fungal infection", "Erythema migrans", "Localized skin infection", "Paronychia", "Skin infection"),
        *("Skin and soft tissue atypical mycobacterial infection", "Syphilis"),
    ),
    **labelled(
        "other_inflammatory",
        *("Acanthosis nigricans", "Amyloidosis of skin", "Annular erythema", "Bullous Pemphigoid", "Chilblain"),
        *("Confluent and reticulate papillomatosis", "Cutaneous sarcoidosis", "Dermatitis herpetiformis"),
        *("Erythema ab igne", "Erythema annulare centrifugum", "Erythema gyratum repens", "Erythema nodosum"),
        *("Flagellate erythema", "Granuloma faciale", "Grover's disease", "Intertrigo", "Lichen nitidus"),
        *("Lichen spinulosus", "Lichen striatus", "Lichenoid myxedema", "Livedo reticularis", "Livedoid vasculopathy"),
        *("Miliaria", "Morphea/Scleroderma", "Necrobiosis lipoidica", "Parapsoriasis", "Perforating dermatosis"),
        *("Perioral Dermatitis", "Photodermatitis", "Phytophotodermatitis", "Pigmented purpuric eruption"),
        *("Pityriasis lichenoides", "Porokeratosis", "Pretibial myxedema", "Sweet syndrome"),
        *("Pruritic urticarial papules and plaques of pregnancy", "Vasculitis of the skin"),
    ),
    **labelled(
        "growth",
        *("Adnexal neoplasm", "Atypical Nevus", "Dermatofibroma", "Epidermal nevus", "Kaposi's sarcoma of skin"),
        *("Lymphangioma", "Melanoma", "Milia", "Pyogenic granuloma", "Skin cancer"),
    ),
    **labelled(
        LEFT_OUT,
        *("Abrasion, scrape, or scab", "Animal bite - wound", "Burn of skin", "Calcinosis cutis", "Clavus"),
        *("Geographic tongue", "Granulomatous disorder of the skin and subcutaneous tissue", "HK - Hyperkeratosis"),
        *("Inflicted skin lesions", "Keratoderma", "Keratosis", "Koebner phenomenon", "Melasma"),
        *("O/E - ecchymoses present", "O/E - petechiae on skin", "O/E - pustules", "Pityriasis alba"),
        *("Post-Inflammatory hyperpigmentation", "Post-Inflammatory hypopigmentation", "Primary cutaneous lymphoma"),
        *("Pseudolymphoma", "Psoriasiform dermatitis", "Purpura", "Remove from labeling tool", "Scar Condition"),
        *("Sunburn", "Superficial wound of body region", "Traumatic petechiae"),
    ),
}

SCIN = PhotoSet(
    name="scin",
    title="SCIN, Skin Condition Image Network (Ward et al. 2024)",
    licence="SCIN Data Use License",
    address="https://github.com/google-research-datasets/scin",
    find=find,
    labels=CODE_OF_LABEL | _MORE,
    open_labels=True,
)
