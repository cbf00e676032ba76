"""Options from 12 years on, and what holds at any age: basics, topical treatment, maintenance and referral.

AAD writes for adults, the Joint Task Force for every age, NICE appraises single medicines. Strengths are theirs.
"""

from typing import Final

from flexura.decision.guidance import guidelines as source
from flexura.decision.guidance.option import ACTIVE, NOT_CARRYING, OLDEST, Option, Where

_ADULT: Final = (18.0, OLDEST)
_YOUTH: Final = (12.0, 18.0)
_FROM_12: Final = (12.0, OLDEST)
_THIN: Final = ("face_neck", "genital_fold", "flexure")
_CONSENSUS: Final = "consensus, not graded in what was read"
_STRONG_HIGH: Final = "strong, high certainty"
_STRONG_MODERATE: Final = "strong, moderate certainty"
_STEROID: Final = "Topical corticosteroid"
_CALCINEURIN: Final = "Topical calcineurin inhibitor"

BASICS: Final = (
    Option(
        "adult_emollient",
        "basics",
        "Emollient",
        "Moisturisers; no particular one can be recommended over others.",
        _STRONG_MODERATE,
        source.AAD_2023,
        Where(ages=_ADULT),
        ("emollient",),
    ),
    Option(
        "youth_emollient",
        "basics",
        "Emollient",
        "Emollients every day: hydrating and lubricating treatment of the barrier is the base of all treatment.",
        _CONSENSUS,
        source.EURO_2018,
        Where(ages=_YOUTH),
        ("emollient",),
    ),
    Option(
        "triggers",
        "basics",
        "Triggers",
        "Find and avoid what provokes it, specific and unspecific.",
        _CONSENSUS,
        source.EURO_2018,
        Where(ages=_FROM_12),
    ),
    Option(
        "euroguiderm_topical",
        "basics",
        "European view",
        "Emollients, topical, antimicrobial and light treatment, provocation and diet, also for children, adolescents "
        "and in pregnancy: look there.",
        "graded item by item in the guideline",
        source.EURO_2022,
        Where(),
    ),
    Option(
        "bathing",
        "basics",
        "Bathing",
        "For treatment and maintenance; how often and how long to bathe cannot be said.",
        "conditional, low certainty",
        source.AAD_2023,
        Where(ages=_ADULT),
    ),
    Option(
        "diet",
        "basics",
        "Food",
        "No elimination diet for the eczema itself.",
        "conditional, against, low certainty",
        source.JTF_2023,
        Where(needs=("food",)),
    ),
    Option(
        "dark_skin_scores",
        "basics",
        "Dark skin",
        "EASI and SCORAD were unreliable on highly pigmented skin, partly for how redness is perceived; the severity "
        "that these lines rest on needs a look, too.",
        "one study: 18 patients, five raters",
        source.ZHAO_2015,
        Where(needs=("dark_skin",)),
    ),
)

TOPICAL: Final = (
    Option(
        "adult_steroid",
        "topical",
        _STEROID,
        "A topical corticosteroid, its potency by the severity and the site.",
        _STRONG_HIGH,
        source.AAD_2023,
        Where(severities=ACTIVE, ages=_ADULT, sites=("body", "hands")),
        ("tcs",),
    ),
    Option(
        "adult_steroid_thin",
        "topical",
        _STEROID,
        "A topical corticosteroid of low potency: the skin is thin here.",
        f"{_STRONG_HIGH}; the potency is a remark",
        source.AAD_2023,
        Where(severities=ACTIVE, ages=_ADULT, sites=_THIN),
        ("tcs_mild",),
    ),
    Option(
        "youth_steroid",
        "topical",
        _STEROID,
        "A topical corticosteroid where moisturiser alone does not control it, its potency by the severity and the "
        "site.",
        _STRONG_HIGH,
        source.JTF_2023,
        Where(severities=ACTIVE, ages=_YOUTH, sites=("body", "hands")),
        ("tcs",),
    ),
    Option(
        "youth_steroid_thin",
        "topical",
        _STEROID,
        "A topical corticosteroid of low potency where moisturiser alone does not control it: the skin is thin here.",
        f"{_STRONG_HIGH}; the potency is a remark",
        source.JTF_2023,
        Where(severities=ACTIVE, ages=_YOUTH, sites=_THIN),
        ("tcs_mild",),
    ),
    Option(
        "tacrolimus_nice",
        "topical",
        _CALCINEURIN,
        "Tacrolimus as second line, where topical corticosteroids have not controlled it and more of them could do "
        "lasting harm such as atrophy.",
        "recommended as an option",
        source.TA82,
        Where(severities=("moderate", "severe"), ages=(2.0, OLDEST), needs=("topical_failed",)),
        ("tacrolimus",),
    ),
    Option(
        "pimecrolimus_nice",
        "topical",
        _CALCINEURIN,
        "Pimecrolimus as second line on face and neck, where topical corticosteroids have not controlled it and more "
        "of them could do lasting harm such as atrophy.",
        "recommended as an option",
        source.TA82,
        Where(severities=("moderate",), ages=(2.0, 17.0), sites=("face_neck",), needs=("topical_failed",)),
        ("pimecrolimus",),
    ),
    Option(
        "calcineurin_not_first",
        "topical",
        _CALCINEURIN,
        "Not for mild eczema, and not as the first treatment of any severity.",
        "not recommended",
        source.TA82,
        Where(severities=ACTIVE, ages=(2.0, OLDEST)),
    ),
    Option(
        "calcineurin_boxed",
        "topical",
        _CALCINEURIN,
        "Boxed warning: rare cases of skin cancer and lymphoma, no cause shown; not continuously for long, only on "
        "areas with eczema, and not under 2 years.",
        "regulator's warning",
        source.US_LABELS,
        Where(severities=ACTIVE, ages=(2.0, OLDEST)),
    ),
    Option(
        "tacrolimus_child",
        "topical",
        _CALCINEURIN,
        "Of tacrolimus only 0.03 %, not 0.1 %, under 16 years.",
        "licence",
        source.US_LABELS,
        Where(severities=("moderate", "severe"), ages=(2.0, 16.0)),
    ),
    Option(
        "tacrolimus_aad",
        "topical",
        _CALCINEURIN,
        "Tacrolimus 0.03 % or 0.1 % is an option.",
        _STRONG_HIGH,
        source.AAD_2023,
        Where(severities=ACTIVE, ages=_ADULT),
        ("tacrolimus",),
    ),
    Option(
        "pimecrolimus_aad",
        "topical",
        _CALCINEURIN,
        "Pimecrolimus 1 % is an option.",
        _STRONG_HIGH,
        source.AAD_2023,
        Where(severities=("mild", "moderate"), ages=_ADULT),
        ("pimecrolimus",),
    ),
    Option(
        "calcineurin_jtf",
        "topical",
        _CALCINEURIN,
        "Tacrolimus or pimecrolimus where moisturiser alone does not control it.",
        _STRONG_HIGH,
        source.JTF_2023,
        Where(severities=ACTIVE, ages=(2.0, OLDEST), pregnancies=NOT_CARRYING),
        ("tacrolimus", "pimecrolimus"),
    ),
    Option(
        "calcineurin_euro",
        "topical",
        _CALCINEURIN,
        "Tacrolimus or pimecrolimus preferred in sensitive areas of skin.",
        _CONSENSUS,
        source.EURO_2018,
        Where(severities=ACTIVE, ages=(2.0, OLDEST), sites=_THIN, pregnancies=NOT_CARRYING),
        ("tacrolimus", "pimecrolimus"),
    ),
    Option(
        "crisaborole_aad",
        "topical",
        "Crisaborole ointment",
        "Crisaborole is an option.",
        _STRONG_HIGH,
        source.AAD_2023,
        Where(severities=("mild", "moderate"), ages=_ADULT),
        ("crisaborole",),
    ),
    Option(
        "crisaborole_jtf",
        "topical",
        "Crisaborole ointment",
        "Crisaborole in addition to usual care; burning and stinging are to be discussed.",
        "conditional",  # two summaries give its certainty as high and as moderate
        source.JTF_2023,
        Where(severities=("mild", "moderate"), ages=_FROM_12),
        ("crisaborole",),
    ),
    Option(
        "ruxolitinib_aad",
        "topical",
        "Ruxolitinib cream",
        "Ruxolitinib cream is an option.",
        _STRONG_MODERATE,
        source.AAD_2023,
        Where(severities=("mild", "moderate"), ages=_ADULT),
        ("ruxolitinib_cream",),
    ),
    Option(
        "ruxolitinib_jtf",
        "topical",
        "Ruxolitinib cream",
        "No ruxolitinib cream in addition to usual care.",
        "conditional, against, low certainty",
        source.JTF_2023,
        Where(severities=("mild", "moderate"), ages=_FROM_12),
    ),
    Option(
        "ruxolitinib_boxed",
        "topical",
        "Ruxolitinib cream",
        "Boxed warning: serious infection, death, cancer, major cardiovascular events and thrombosis, as seen with JAK "
        "inhibitors for inflammation.",
        "regulator's warning",
        source.US_LABELS,
        Where(severities=("mild", "moderate"), ages=(2.0, OLDEST), pregnancies=NOT_CARRYING),
    ),
    Option(
        "roflumilast",
        "topical",
        "Roflumilast cream",
        "Roflumilast cream 0.15 % is an option.",
        _STRONG_HIGH,
        source.AAD_2025,
        Where(severities=("mild", "moderate"), ages=_ADULT),
        ("roflumilast",),
    ),
    Option(
        "tapinarof",
        "topical",
        "Tapinarof cream",
        "Tapinarof cream is an option.",
        _STRONG_HIGH,
        source.AAD_2025,
        Where(severities=("moderate", "severe"), ages=_ADULT),
        ("tapinarof",),
    ),
    Option(
        "wet_dressings",
        "topical",
        "Bandages",
        "Wet dressings in a flare.",
        "conditional, low certainty",
        source.AAD_2023,
        Where(severities=("moderate", "severe"), ages=_ADULT),
        ("bandages",),
    ),
    Option(
        "topical_antihistamine",
        "topical",
        "Antihistamines",
        "No topical antihistamine.",
        "conditional, against, low certainty",
        source.AAD_2023,
        Where(ages=_ADULT, needs=("severe_itch",)),
    ),
    Option(
        "antihistamine_aad",
        "topical",
        "Antihistamines",
        "No oral non-sedating antihistamine as a routine without urticaria or rhinoconjunctivitis; a sedating one for "
        "a short time where itch costs sleep, never in place of topical treatment.",
        "not recommended as a routine (A); sedating, for sleep (C)",
        source.AAD_2014,
        Where(needs=("severe_itch",)),
    ),
)

MAINTENANCE: Final = (
    Option(
        "adult_maintenance",
        "maintenance",
        "Between flares",
        "Topical corticosteroid of medium potency twice a week on the places that flare.",
        _STRONG_HIGH,
        source.AAD_2023,
        Where(ages=_ADULT, sites=("body", "hands", "flexure"), needs=("relapsing",)),
        ("tcs_moderate",),
    ),
    Option(
        "maintenance_jtf",
        "maintenance",
        "Between flares",
        "Topical corticosteroid of low or medium potency, or a calcineurin inhibitor, on the places that flare, rather "
        "than in flares alone.",
        _STRONG_MODERATE,
        source.JTF_2023,
        Where(ages=(2.0, OLDEST), pregnancies=NOT_CARRYING, needs=("relapsing",)),
        ("tcs_mild", "tacrolimus", "pimecrolimus"),
    ),
    Option(
        "proactive_calcineurin",
        "maintenance",
        "Between flares",
        "Proactive treatment with a topical corticosteroid or calcineurin inhibitor; the latter preferred for "
        "long-term use.",
        _CONSENSUS,
        source.EURO_2018,
        Where(ages=_FROM_12, pregnancies=NOT_CARRYING, needs=("relapsing",)),
        ("tacrolimus", "tcs"),
    ),
    Option(
        "clear",
        "maintenance",
        "Between flares",
        "Emollient alone while nothing is active.",
        _CONSENSUS,
        source.EURO_2018,
        Where(severities=("clear",), ages=_FROM_12, unless=("relapsing",)),
        ("emollient",),
    ),
)

REFERRAL: Final = (
    Option(
        "referral",
        "referral",
        "When to refer",
        "Diagnosis uncertain; poor control, or no response to suitable topical treatment; distress or poor sleep; "
        "recurrent infection.",
        "recommended, grade not in what was read",
        source.SIGN125,
        Where(ages=_FROM_12),
    ),
)

OPTIONS: Final = BASICS + TOPICAL + MAINTENANCE + REFERRAL
