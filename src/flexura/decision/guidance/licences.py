"""From which age on the United States license the newer creams for atopic dermatitis: facts, not recommendations.

Read in November 2026: crisaborole (Eucrisa, 1), ruxolitinib (Opzelura, 1), roflumilast (Zoryve cream, 1.2; 0.05 %
since October 2025) and tapinarof (Vtama, 1.2). Ages in completed years or months, as the labels say them.
"""

from typing import Final

from flexura.decision.guidance.guidelines import US_LABELS
from flexura.decision.guidance.option import ACTIVE, OLDEST, Option, Where

_MILDER: Final = ("mild", "moderate")
_LICENCE: Final = "licence"

OPTIONS: Final = (
    Option(
        "crisaborole_label",
        "topical",
        "Crisaborole ointment",
        "Licensed in the US from 3 months of age.",
        _LICENCE,
        US_LABELS,
        Where(severities=_MILDER, ages=(0.25, OLDEST)),
        ("crisaborole",),
    ),
    Option(
        "ruxolitinib_label",
        "topical",
        "Ruxolitinib cream",
        "Licensed in the US from 2 years of age, for short and not continuous treatment where other prescribed topical "
        "treatment is not enough or not advisable, and not under immunosuppression.",
        _LICENCE,
        US_LABELS,
        Where(severities=_MILDER, ages=(2.0, OLDEST)),
        ("ruxolitinib_cream",),
    ),
    Option(
        "roflumilast_label",
        "topical",
        "Roflumilast cream",
        "0.15 % is licensed in the US from 6 years of age.",
        _LICENCE,
        US_LABELS,
        Where(severities=_MILDER, ages=(6.0, OLDEST)),
        ("roflumilast",),
    ),
    Option(
        "roflumilast_label_child",
        "topical",
        "Roflumilast cream",
        "0.05 % is licensed in the US from 2 to 5 years of age, 0.15 % is not.",
        _LICENCE,
        US_LABELS,
        Where(severities=_MILDER, ages=(2.0, 6.0)),
        ("roflumilast",),
    ),
    Option(
        "tapinarof_label",
        "topical",
        "Tapinarof cream",
        "Licensed in the US from 2 years of age.",
        _LICENCE,
        US_LABELS,
        Where(severities=ACTIVE, ages=(2.0, OLDEST)),
        ("tapinarof",),
    ),
    Option(
        "creams_under_two",
        "topical",
        "Newer creams",
        "US licences begin at 3 months of age for crisaborole, and at 2 years for creams of ruxolitinib, roflumilast "
        "and tapinarof: not before.",
        _LICENCE,
        US_LABELS,
        Where(severities=ACTIVE, ages=(0.0, 2.0)),
    ),
)
