"""When an option is left out, whatever a table says: contraindications, each with its source.

They are a second lock: a row says for whom it is meant, and what stands here never appears. An unknown pregnancy
counts as possible.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from flexura.decision.guidance import guidelines as source
from flexura.decision.guidance.guidelines import Guideline
from flexura.decision.guidance.option import NOT_CARRYING
from flexura.decision.guidance.situation import Situation

Holds = Callable[[Situation], bool]


@dataclass(frozen=True)
class Exclusion:
    """Treatments that are left out when something holds."""

    treatments: tuple[str, ...]
    words: str
    source: Guideline
    holds: Holds


def _younger_than(years: float) -> Holds:
    return lambda situation: situation.age_years is None or situation.age_years < years


def _pregnancy_possible(situation: Situation) -> bool:
    return situation.pregnancy not in NOT_CARRYING


def _child_possible(situation: Situation) -> bool:
    return situation.pregnancy != "not_pregnant"


def _infected(situation: Situation) -> bool:
    return situation.infection != "none"


def _has(*conditions: str) -> Holds:
    return lambda situation: not situation.conditions.isdisjoint(conditions)


def _potent_on_a_child_s_face(situation: Situation) -> bool:
    return situation.site in ("face_neck", None) and _younger_than(12)(situation)


def _at_risk_from_jak(situation: Situation) -> bool:
    elderly = situation.age_years is None or situation.age_years >= 65
    return elderly or _has("cardiovascular_disease", "smoking", "cancer", "thromboembolism")(situation)


_CALCINEURIN: Final = ("tacrolimus", "pimecrolimus")
_JAK_CREAMS: Final = ("ruxolitinib_cream", "delgocitinib_cream")
_IMMUNOSUPPRESSANTS: Final = ("ciclosporin", "methotrexate", "azathioprine", "mycophenolate")

_WOMEN: Final = "pregnancy, a woman's wish for a child or breastfeeding (also where not told)"
_BOTH: Final = "pregnancy, wish for a child or breastfeeding (also where not told)"

EXCLUSIONS: Final = (
    Exclusion(("tcs_potent",), "under 12 months", source.CG57, _younger_than(1)),
    Exclusion(("tcs_potent",), "face or neck under 12 years", source.CG57, _potent_on_a_child_s_face),
    Exclusion(_CALCINEURIN, "under 2 years", source.TA82, _younger_than(2)),
    Exclusion(("crisaborole",), "under 3 months", source.US_LABELS, _younger_than(0.25)),
    Exclusion(("ruxolitinib_cream", "roflumilast", "tapinarof"), "under 2 years", source.US_LABELS, _younger_than(2)),
    Exclusion(_CALCINEURIN, "signs of infection, until it is cleared", source.US_LABELS, _infected),
    Exclusion(
        (*_CALCINEURIN, *_JAK_CREAMS, "oral_jak", *_IMMUNOSUPPRESSANTS),
        "immunosuppression",
        source.US_LABELS,
        _has("immunosuppression"),
    ),
    Exclusion(
        ("pimecrolimus", "crisaborole"),
        _WOMEN,
        source.ETFAD_2019,
        _pregnancy_possible,
    ),
    Exclusion(
        ("ruxolitinib_cream", "tapinarof", "roflumilast"),
        f"{_WOMEN}: too few data",
        source.US_LABELS,
        _pregnancy_possible,
    ),
    Exclusion(
        ("delgocitinib_cream",),
        "pregnancy or a woman's wish for a child (also where not told): better avoided",
        source.ANZUPGO,
        lambda situation: situation.pregnancy not in (*NOT_CARRYING, "breastfeeding"),
    ),
    Exclusion(("bandages",), "signs of infection", source.CG57, _infected),
    Exclusion(("phototherapy",), "light sensitivity", source.BAD_UVB, _has("light_sensitivity")),
    Exclusion(
        ("methotrexate", "mycophenolate", "oral_jak"),
        f"{_BOTH}: for men no consensus on JAK inhibitors",
        source.NORTH_2024,
        _child_possible,
    ),
    Exclusion(("azathioprine", "dupilumab"), _WOMEN, source.ETFAD_2019, _pregnancy_possible),
    Exclusion(
        ("tralokinumab", "lebrikizumab", "nemolizumab"),
        f"{_BOTH}: of men nothing was read",
        source.ETFAD_2019,
        _child_possible,
    ),
    Exclusion(("alitretinoin",), f"{_BOTH}: of men nothing was read", source.TA177, _child_possible),
    Exclusion(
        ("oral_jak",),
        "65 years or older, smoking, cancer, cardiovascular disease: only without alternative; thrombosis: caution",
        source.EMA_JAK,
        _at_risk_from_jak,
    ),
    Exclusion(
        (*_JAK_CREAMS, "oral_jak", *_IMMUNOSUPPRESSANTS),
        "serious infection",
        source.US_LABELS,
        _has("serious_infection"),
    ),
    Exclusion(("roflumilast", "oral_jak"), "liver disease", source.US_LABELS, _has("liver_disease")),
    Exclusion(
        ("ciclosporin",),
        "kidney disease, uncontrolled hypertension, cancer",
        source.US_LABELS,
        _has("kidney_disease", "uncontrolled_hypertension", "cancer"),
    ),
    Exclusion(
        ("azathioprine", "mycophenolate"), "cancer: boxed warning of malignancy", source.US_LABELS, _has("cancer")
    ),
    Exclusion(("methotrexate",), "liver or kidney disease", source.US_LABELS, _has("liver_disease", "kidney_disease")),
    Exclusion(("alitretinoin",), "liver or kidney disease", source.TOCTINO, _has("liver_disease", "kidney_disease")),
)


def excluded(treatments: Iterable[str], situation: Situation) -> tuple[Exclusion, ...]:
    """Find why any of these treatments must be left out.

    Parameters
    ----------
    treatments : iterable of str
        Names of treatments, as the rows offer them.
    situation : Situation
        From `situation_of`.

    Returns
    -------
    tuple of Exclusion
        Those that hold; empty where nothing speaks against it.
    """
    offered = set(treatments)
    return tuple(row for row in EXCLUSIONS if not offered.isdisjoint(row.treatments) and row.holds(situation))
