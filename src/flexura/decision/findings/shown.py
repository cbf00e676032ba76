"""Findings that the photo shows: contrasts of the lesion to the own skin, its form, and the six graded signs.

Colours are compared with the own skin in the same light, never taken as they are. Limits of features are
quantiles over training photos with an outline of the lesion, chosen so that the network's coarse map seldom says
the contrary (`benchmarks/finding_limits.py`; figures in docs/findings.md). A coarse map blurs a border, so that an
ill-defined one is never told; 0.25 per px is an edge blurred by no more than 1.6 px.
"""

import math
from typing import Final

from flexura.decision.findings.readings import Affected, Graded, Measured, Row
from flexura.decision.findings.sources import HANIFIN_2001

_EASI: Final = f"{HANIFIN_2001}: grades of the sign"
_QUANTILES: Final = "quantiles over training photos, docs/findings.md"
_BOTH: Final = f"{_EASI}; {_QUANTILES}"

SHOWN: Final = (
    Row(
        "red",
        "redder than the own skin",
        "no redder than the own skin",
        (Graded("erythema", 1), Measured("delta_a", "a*", present_from=5, absent_from=0)),
        _BOTH,
    ),
    Row(
        "darker",
        "darker than the own skin",
        "no darker than the own skin",
        (Measured("delta_lightness", "L*", present_from=-9, absent_from=2),),
        _QUANTILES,
    ),
    Row(
        "paler",
        "lighter than the own skin",
        "no lighter than the own skin",
        (Measured("delta_lightness", "L*", present_from=14, absent_from=0),),
        _QUANTILES,
    ),
    Row(
        "uneven_colour",
        "unevenly light and dark within",
        "evenly coloured within",
        (Measured("lesion_lightness_spread", "L*", present_from=13, absent_from=9),),
        _QUANTILES,
    ),
    Row(
        "sharp_border",
        "sharply bounded",
        "ill-defined border",
        (Measured("border_sharpness", "1/px", present_from=0.25, absent_from=-math.inf),),
        _QUANTILES,
    ),
    Row(
        "separate",
        "several separate lesions",
        "one confluent area",
        (Measured("lesion_confluence", "0-1", present_from=0.4, absent_from=0.95),),
        _QUANTILES,
    ),
    Row(
        "extensive",
        "half or more of the visible skin is affected",
        "less than a third of the visible skin is affected",
        (Affected(present_from=0.5, absent_below=0.3),),
        f"{HANIFIN_2001}: area scores 4 and more, 2 and less",
    ),
    Row(
        "swollen", "raised: swollen or papular", "neither swollen nor papular", (Graded("oedema_papulation", 2),), _EASI
    ),
    Row("scratched", "scratch marks", "no scratch marks", (Graded("excoriation", 1),), _EASI),
    Row(
        "thickened",
        "thickened, with accentuated lines",
        "not thickened",
        (Graded("lichenification", 2),),
        _EASI,
    ),
    Row("oozing", "oozing or crusted", "neither oozing nor crusted", (Graded("oozing_crusting", 1),), _EASI),
    Row(
        "scaly",
        "dry or scaly",
        "neither dry nor scaly",
        (Graded("dryness", 1), Measured("lesion_gabor_4px", "% of brightness", present_from=2.3, absent_from=0.6)),
        _BOTH,
    ),
)
