"""Options for eczema of the hands from 12 years on: atopic, contact and dyshidrotic alike.

Alitretinoin stands with the other systemic treatments.
"""

from typing import Final

from flexura.decision.guidance import guidelines as source
from flexura.decision.guidance.option import (
    ACTIVE,
    HAND_ECZEMA_FROM_YEARS,
    HAND_ECZEMAS,
    OLDEST,
    Option,
    Where,
)

_ADULT: Final = (18.0, OLDEST)
_FROM_YOUTH: Final = (HAND_ECZEMA_FROM_YEARS, OLDEST)

OPTIONS: Final = (
    Option(
        "hand_steroid",
        "topical",
        "Topical corticosteroid",
        "Topical corticosteroid as the first treatment of hand eczema.",
        "first line",
        source.ESCD_2022,
        Where(severities=ACTIVE, ages=_FROM_YOUTH, sites=("hands",), diagnoses=HAND_ECZEMAS),
        ("tcs",),
    ),
    Option(
        "hand_delgocitinib",
        "topical",
        "Delgocitinib cream",
        "For moderate to severe chronic hand eczema of adults, where topical corticosteroids were not enough or do not "
        "suit; started and supervised by those who know hand eczema. Look at the skin under it for skin cancer from "
        "time to time; stop where nothing improves within 12 weeks.",
        "licensed for this; no strength",
        source.ANZUPGO,
        Where(
            severities=("moderate", "severe"),
            ages=_ADULT,
            sites=("hands",),
            needs=("topical_failed",),
            diagnoses=HAND_ECZEMAS,
        ),
        ("delgocitinib_cream",),
    ),
    Option(
        "hand_exposures",
        "basics",
        "Hands",
        "Find irritants and allergens, at work and at home, and reduce or replace them; teach protection of the skin.",
        "consensus-based",
        source.ESCD_2022,
        Where(ages=_FROM_YOUTH, sites=("hands",), diagnoses=HAND_ECZEMAS),
    ),
    Option(
        "hand_patch_test",
        "referral",
        "Hands",
        "Patch test, and the history of what the hands are exposed to.",
        "consensus, not graded in what was read",
        source.ESCD_2022,
        Where(ages=_FROM_YOUTH, sites=("hands",), diagnoses=HAND_ECZEMAS),
    ),
)
