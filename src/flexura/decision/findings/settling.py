"""What would settle a diagnosis: the questions, examinations and tests that the publications name for it."""

from dataclasses import dataclass
from typing import Final

from flexura.decision.findings import sources


@dataclass(frozen=True)
class Settling:
    """Questions, examinations or tests that would confirm or exclude one diagnosis."""

    diagnosis: str
    steps: tuple[str, ...]
    source: str


SETTLING: Final = (
    Settling(
        "atopic_dermatitis",
        ("Ask for itch, flexures, dry skin, atopy and the age at onset (UK Working Party criteria)",),
        sources.UKWP_1994,
    ),
    Settling(
        "contact_dermatitis",
        ("Patch test", "History of contact with irritants and allergens, at work and at home"),
        sources.BAD_CONTACT_2017,
    ),
    Settling(
        "seborrhoeic_dermatitis",
        ("Look at scalp, eyebrows, nasolabial folds, ears and chest", "Skin biopsy if uncertain"),
        sources.CLARK_2015,
    ),
    Settling(
        "nummular_eczema",
        ("KOH microscopy of scrapings, to exclude tinea", "Patch test if it does not respond"),
        sources.LEUNG_2020,
    ),
    Settling("dyshidrotic_eczema", ("Patch test", "History of exposures of the hands"), sources.ESCD_2022),
    Settling(
        "eczema_unspecified",
        ("Ask for itch, course, atopy and the age at onset, and look for the pattern of sites",),
        sources.AAD_2014,
    ),
    Settling("xerosis", ("Clinical examination, and search for a cause of dry skin",), sources.AUGUSTIN_2019),
    Settling("ichthyosis", ("Family history and age at onset", "Genetic test"), sources.OJI_2010),
    Settling("keratosis_pilaris", ("Look for horny plugs at the hair follicles",), sources.WANG_2018),
    Settling(
        "psoriasis",
        ("Look for nail changes and for plaques on scalp, elbows and knees", "Ask for joint pain"),
        sources.NICE_CG153,
    ),
    Settling("lichen_planus", ("Look for Wickham striae and at the mouth", "4 mm punch biopsy"), sources.USATINE_2011),
    Settling("pityriasis_rosea", ("Ask for a herald patch", "Look for a collarette of scale"), sources.URBINA_2017),
    Settling(
        "pityriasis_rubra_pilaris",
        ("Skin biopsy", "Look for islands of unaffected skin and thick palms and soles"),
        sources.KLEIN_2010,
    ),
    Settling("tinea", ("KOH microscopy of scrapings", "Fungal culture"), sources.ELY_2014),
    Settling(
        "scabies",
        ("Dermoscopy, or microscopy of scrapings, for mites, eggs or faeces", "Ask for contacts who itch"),
        sources.IACS_2020,
    ),
    Settling("impetigo", ("Bacterial culture if the first treatment fails",), sources.HARTMAN_2014),
    Settling("cellulitis", ("Examine for warmth, tenderness, swelling and spread, the same day",), sources.RAFF_2016),
    Settling("herpes", ("Swab of a blister for PCR",), sources.ZOSTER_2017),
    Settling("urticaria", ("Mark a wheal: it is gone within 24 hours",), sources.URTICARIA_2022),
    Settling("acne", ("Look for comedones",), sources.TITUS_2012),
    Settling("rosacea", ("Ask for flushing", "Look for telangiectasia, and at the eyes"), sources.ROSACEA_2018),
    Settling("prurigo", ("Ask since when it itches, and search for the cause of the itch",), sources.PRURIGO_2018),
    Settling("lupus", ("Skin biopsy with immunofluorescence", "Antinuclear antibodies"), sources.LUPUS_2021),
    Settling(
        "erythema_multiforme",
        ("Look for target lesions that stay for seven days or more", "Ask for herpes simplex, infections and drugs"),
        sources.TRAYES_2019,
    ),
    Settling("hailey_hailey", ("Skin biopsy for acantholysis", "Family history"), sources.PORRO_2024),
    Settling(
        "hidradenitis",
        ("Ask for boils of armpits and groin that come back; look for tunnels and scars",),
        sources.HS_2015,
    ),
    Settling(
        "mycosis_fungoides",
        ("Skin biopsy, repeated if need be, with immunophenotype and T-cell clonality",),
        sources.LYMPHOMA_2019,
    ),
    Settling("growth", ("Dermoscopy", "Biopsy; urgent referral if melanoma is suspected"), sources.NICE_NG12),
    Settling("vitiligo", ("Wood's light",), sources.VITILIGO_2008),
)

_STEPS: Final = {row.diagnosis: row.steps for row in SETTLING}


def would_settle(diagnosis: str) -> tuple[str, ...] | None:
    """Look up what would settle a diagnosis.

    Parameters
    ----------
    diagnosis : str
        Code of the taxonomy.

    Returns
    -------
    tuple of str | None
        Questions, examinations or tests; `None` where the table has no row.

    Examples
    --------
    >>> would_settle("tinea")
    ('KOH microscopy of scrapings', 'Fungal culture')
    """
    return _STEPS.get(diagnosis)
