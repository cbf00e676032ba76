"""What would settle a diagnosis: the questions, examinations and tests that the publications name for it.

A review after some weeks stands only where a guideline names the time.
"""

from dataclasses import dataclass
from typing import Final

from flexura.decision.findings import sources
from flexura.records import SettlingStep


@dataclass(frozen=True)
class Settling:
    """Questions, examinations or tests that would confirm or exclude one diagnosis, after one publication."""

    diagnosis: str
    steps: tuple[str, ...]
    source: str


SETTLING: Final = (
    Settling(
        "atopic_dermatitis",
        ("Ask about itch, flexures, dry skin, atopy and the age at onset (UK Working Party criteria)",),
        sources.UKWP_1994,
    ),
    Settling("atopic_dermatitis", ("Patch test if it persists or resists treatment",), sources.AAD_ADJUNCTIVE_2014),
    Settling(
        "atopic_dermatitis",
        ("In a child, look for infection if 7 to 14 days of a topical corticosteroid do not control it",),
        sources.NICE_CG57,
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
        "lichen_simplex",
        (
            "Patch test",
            "KOH microscopy and fungal culture where it is genital",
            "Skin biopsy to exclude psoriasis, and in the elderly mycosis fungoides",
        ),
        sources.SCHOENFELD_2020,
    ),
    Settling(
        "eczema_unspecified",
        ("Ask about itch, course, atopy and the age at onset, and look for the pattern of sites",),
        sources.AAD_2014,
    ),
    Settling("xerosis", ("Clinical examination, and search for a cause of dry skin",), sources.AUGUSTIN_2019),
    Settling("ichthyosis", ("Family history and age at onset", "Genetic test"), sources.OJI_2010),
    Settling("keratosis_pilaris", ("Look for keratotic plugs at the hair follicles",), sources.WANG_2018),
    Settling(
        "psoriasis",
        (
            "Look for nail changes and for plaques on scalp, elbows and knees",
            "Ask about joint pain",
            "Review 4 weeks after the start of a topical treatment, in children after 2",
        ),
        sources.NICE_CG153,
    ),
    Settling("lichen_planus", ("Look for Wickham striae and at the mouth", "4 mm punch biopsy"), sources.USATINE_2011),
    Settling("pityriasis_rosea", ("Ask about a herald patch", "Look for a collarette of scale"), sources.URBINA_2017),
    Settling(
        "pityriasis_rosea",
        ("Serology for syphilis, above all where palms and soles are affected",),
        sources.VILLALON_2018,
    ),
    Settling(
        "pityriasis_rubra_pilaris",
        ("Skin biopsy", "Look for islands of unaffected skin and thick palms and soles"),
        sources.KLEIN_2010,
    ),
    Settling("tinea", ("KOH microscopy of scrapings", "Fungal culture"), sources.ELY_2014),
    Settling(
        "scabies",
        ("Dermoscopy, or microscopy of scrapings, for mites, eggs or faeces", "Ask about contacts who itch"),
        sources.IACS_2020,
    ),
    Settling("scabies", ("Review 2 weeks after the end of treatment",), sources.SCABIES_2017),
    Settling("impetigo", ("Bacterial culture if the first treatment fails",), sources.HARTMAN_2014),
    Settling("cellulitis", ("Examine for warmth, tenderness, swelling and spread, the same day",), sources.RAFF_2016),
    Settling(
        "cellulitis",
        ("Reassess if it does not begin to improve in 2 to 3 days of an antibiotic, or at once if it gets worse",),
        sources.NICE_NG141,
    ),
    Settling(
        "folliculitis",
        ("Look for hairs in the middle of papules and pustules", "Gram stain and culture of a pustule, KOH for yeasts"),
        sources.FOLLICULITIS_2004,
    ),
    Settling("herpes", ("Swab of a blister for PCR",), sources.ZOSTER_2017),
    Settling(
        "viral_exanthem",
        ("Ask about contacts, vaccinations, travel and new medicines", "PCR or serology where the cause matters"),
        sources.KEIGHLEY_2015,
    ),
    Settling(
        "other_infection",
        ("Scraping, swab or biopsy for microscopy and culture, early where immunity is suppressed",),
        sources.IDSA_2014,
    ),
    Settling(
        "urticaria",
        (
            "Mark a wheal: it is gone within 24 hours",
            "Review 2 to 4 weeks after the start of a second-generation antihistamine",
        ),
        sources.URTICARIA_2022,
    ),
    Settling("acne", ("Look for comedones",), sources.TITUS_2012),
    Settling("rosacea", ("Ask about flushing", "Look for telangiectasia, and at the eyes"), sources.ROSACEA_2018),
    Settling("prurigo", ("Ask since when it itches, and search for the cause of the itch",), sources.PRURIGO_2018),
    Settling("lupus", ("Skin biopsy with immunofluorescence", "Antinuclear antibodies"), sources.LUPUS_2021),
    Settling(
        "erythema_multiforme",
        ("Look for target lesions that stay for seven days or more", "Ask about herpes simplex, infections and drugs"),
        sources.TRAYES_2019,
    ),
    Settling("hailey_hailey", ("Skin biopsy for acantholysis", "Family history"), sources.PORRO_2024),
    Settling(
        "hidradenitis",
        ("Ask about boils of armpits and groin that come back; look for tunnels and scars",),
        sources.HS_2015,
    ),
    Settling(
        "other_inflammatory",
        ("Ask about new medicines, bites, plants and travel",),
        sources.ELY_RASH_2010,
    ),
    Settling("other_inflammatory", ("Skin biopsy, with what was seen and told",), sources.HARVEY_2017),
    Settling(
        "mycosis_fungoides",
        ("Skin biopsy, repeated if need be, with immunophenotype and T-cell clonality",),
        sources.LYMPHOMA_2019,
    ),
    Settling("growth", ("Dermoscopy", "Biopsy; urgent referral if melanoma is suspected"), sources.NICE_NG12),
    Settling(
        "growth",
        ("Where it need not be excised at once, compare with photographs, best dermoscopic ones, after 3 months",),
        sources.NICE_NG14,
    ),
    Settling("vitiligo", ("Wood's light",), sources.VITILIGO_2008),
    Settling(
        "healthy_skin",
        ("Where it itches for more than six weeks without a rash: full blood count and ferritin",),
        sources.BAD_PRURITUS_2018,
    ),
)

_STEPS: Final = {
    diagnosis: tuple(
        SettlingStep(text, row.source) for row in SETTLING if row.diagnosis == diagnosis for text in row.steps
    )
    for diagnosis in dict.fromkeys(row.diagnosis for row in SETTLING)
}


def would_settle(diagnosis: str) -> tuple[SettlingStep, ...]:
    """Look up what would settle a diagnosis.

    Parameters
    ----------
    diagnosis : str
        Code of the taxonomy.

    Returns
    -------
    tuple of SettlingStep
        Questions, examinations or tests, each with its source; at least one.

    Examples
    --------
    >>> [step.text for step in would_settle("tinea")]
    ['KOH microscopy of scrapings', 'Fungal culture']
    """
    return _STEPS[diagnosis]
