"""Biologicals and oral JAK inhibitors where topical treatment failed.

A photo shows one region; whether the whole patient is moderate or severe is for the clinician to judge.
"""

from typing import Final

from flexura.decision.guidance import guidelines as source
from flexura.decision.guidance.option import OLDEST, Option, Where

_ADULT: Final = (18.0, OLDEST)
_FROM_12: Final = (12.0, OLDEST)
_BAD: Final = ("moderate", "severe")
_FAILED: Final = ("topical_failed",)
_BOTH_FAILED: Final = ("topical_failed", "systemic_failed")
_AFTER_ONE: Final = "recommended as an option after a systemic immunosuppressant, or where these are unsuitable"

_ADULTS: Final = Where(severities=_BAD, ages=_ADULT, needs=_FAILED)
_TWELVE: Final = Where(severities=_BAD, ages=_FROM_12, needs=_FAILED)

BIOLOGICS: Final = (
    Option(
        "dupilumab_aad",
        "systemic",
        "Dupilumab",
        "Dupilumab is an option.",
        "strong, moderate certainty",
        source.AAD_2024,
        _ADULTS,
        ("dupilumab",),
    ),
    Option(
        "dupilumab_jtf",
        "systemic",
        "Dupilumab",
        "Dupilumab from 6 months of age, where topical treatment is not enough, not tolerated or not possible.",
        "strong",
        source.JTF_2023,
        Where(severities=_BAD, ages=(0.5, OLDEST), needs=_FAILED),
        ("dupilumab",),
    ),
    Option(
        "dupilumab_nice",
        "systemic",
        "Dupilumab",
        "Dupilumab; to be stopped at 16 weeks without EASI 50 and 4 points less of DLQI.",
        _AFTER_ONE,
        source.TA534,
        Where(severities=_BAD, ages=_ADULT, needs=_BOTH_FAILED),
        ("dupilumab",),
    ),
    Option(
        "tralokinumab_aad",
        "systemic",
        "Tralokinumab",
        "Tralokinumab is an option.",
        "strong, moderate certainty",
        source.AAD_2024,
        _ADULTS,
        ("tralokinumab",),
    ),
    Option(
        "tralokinumab_jtf",
        "systemic",
        "Tralokinumab",
        "Tralokinumab from 12 years, where topical treatment is not enough, not tolerated or not possible.",
        "strong",
        source.JTF_2023,
        _TWELVE,
        ("tralokinumab",),
    ),
    Option(
        "tralokinumab_nice",
        "systemic",
        "Tralokinumab",
        "Tralokinumab; to be stopped at 16 weeks without EASI 50 and 4 points less of DLQI.",
        _AFTER_ONE,
        source.TA814,
        Where(severities=_BAD, ages=_ADULT, needs=_BOTH_FAILED),
        ("tralokinumab",),
    ),
    Option(
        "lebrikizumab_aad",
        "systemic",
        "Lebrikizumab",
        "Lebrikizumab is an option.",
        "strong, high certainty",
        source.AAD_2025,
        _ADULTS,
        ("lebrikizumab",),
    ),
    Option(
        "lebrikizumab_nice",
        "systemic",
        "Lebrikizumab",
        "Lebrikizumab from 12 years and 40 kg, where dupilumab or tralokinumab would be offered.",
        _AFTER_ONE,
        source.TA986,
        Where(severities=_BAD, ages=_FROM_12, needs=_BOTH_FAILED),
        ("lebrikizumab",),
    ),
    Option(
        "nemolizumab_aad",
        "systemic",
        "Nemolizumab",
        "Nemolizumab with topical treatment is an option.",
        "strong, high certainty",
        source.AAD_2025,
        _ADULTS,
        ("nemolizumab",),
    ),
    Option(
        "nemolizumab_nice",
        "systemic",
        "Nemolizumab",
        "Nemolizumab with topical treatment from 12 years and 30 kg, where a biological would be offered.",
        _AFTER_ONE,
        source.TA1077,
        Where(severities=_BAD, ages=_FROM_12, needs=_BOTH_FAILED),
        ("nemolizumab",),
    ),
)

JAK: Final = (
    Option(
        "jak_boxed",
        "systemic",
        "Oral JAK inhibitors",
        "Boxed warning: serious infection, death, cancer, major cardiovascular events and thrombosis.",
        "regulator's warning",
        source.US_LABELS,
        Where(severities=_BAD, ages=_FROM_12, pregnancies=("not_pregnant",), needs=_FAILED),
    ),
    Option(
        "jak_aad",
        "systemic",
        "Oral JAK inhibitors",
        "Upadacitinib, abrocitinib or baricitinib; the US licence of the first two asks that other systemic treatment "
        "failed or is inadvisable, and has none of the third.",
        "strong, moderate certainty",
        source.AAD_2024,
        _ADULTS,
        ("oral_jak",),
    ),
    Option(
        "jak_jtf",
        "systemic",
        "Oral JAK inhibitors",
        "Abrocitinib or upadacitinib from 12 years only after other treatment including biologicals, and after harms "
        "and benefits are weighed.",
        "conditional",
        source.JTF_2023,
        _TWELVE,
        ("oral_jak",),
    ),
    Option(
        "jak_nice",
        "systemic",
        "Oral JAK inhibitors",
        "Abrocitinib or upadacitinib from 12 years; to be stopped at 16 weeks without EASI 50 and 4 points less of "
        "DLQI.",
        _AFTER_ONE,
        source.TA814,
        Where(severities=_BAD, ages=_FROM_12, needs=_BOTH_FAILED),
        ("oral_jak",),
    ),
    Option(
        "baricitinib_nice",
        "systemic",
        "Oral JAK inhibitors",
        "Baricitinib; looked at from 8 weeks on, and to be stopped at 16 weeks without EASI 50 and 4 points less of "
        "DLQI.",
        _AFTER_ONE,
        source.TA681,
        Where(severities=_BAD, ages=_ADULT, needs=_BOTH_FAILED),
        ("oral_jak",),
    ),
    Option(
        "jak_ema",
        "systemic",
        "Oral JAK inhibitors",
        "Only without suitable alternative from 65 years on, in smokers past or present, and at increased risk of "
        "heart attack, stroke or cancer; with caution at risk of thrombosis.",
        "regulator's restriction",
        source.EMA_JAK,
        Where(severities=_BAD, ages=_ADULT, pregnancies=("not_pregnant",), needs=_FAILED),
    ),
)

OPTIONS: Final = BIOLOGICS + JAK
