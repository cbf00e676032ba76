"""Clinical scores from graded signs and answers: calculators that know nothing of photos or networks.

Exact decimals, no floats inside. Unknown stays unknown: a score that lacks a part has no value and
names what it lacks. docs/scores.md shows every formula, band and source.
"""

from flexura.decision.scores.easi import (
    EASI_AREA_SCORES,
    EASI_REGIONS,
    EASI_SIGNS,
    RegionSigns,
    easi,
    easi_area_score,
    easi_region_score,
    region_weights,
)
from flexura.decision.scores.parts import Number, ScoreResult
from flexura.decision.scores.questionnaires import QUESTIONNAIRES, itch_nrs, questionnaire_score
from flexura.decision.scores.scorad import objective_scorad, po_scorad, scorad
from flexura.decision.scores.signs import SASSAD_SIGNS, SASSAD_SITES, TIS_SIGNS, sassad, tis, viga_ad
from flexura.decision.scores.surface import SURFACES, body_surface, handprints

__all__ = [
    "EASI_AREA_SCORES",
    "EASI_REGIONS",
    "EASI_SIGNS",
    "QUESTIONNAIRES",
    "SASSAD_SIGNS",
    "SASSAD_SITES",
    "SURFACES",
    "TIS_SIGNS",
    "Number",
    "RegionSigns",
    "ScoreResult",
    "body_surface",
    "easi",
    "easi_area_score",
    "easi_region_score",
    "handprints",
    "itch_nrs",
    "objective_scorad",
    "po_scorad",
    "questionnaire_score",
    "region_weights",
    "sassad",
    "scorad",
    "tis",
    "viga_ad",
]
