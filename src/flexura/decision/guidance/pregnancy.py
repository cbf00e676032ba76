"""What is said of treatment before, in and after pregnancy, and before a man fathers a child.

Nothing is started without need.
"""

from typing import Final

from flexura.decision.guidance import guidelines as source
from flexura.decision.guidance.option import ACTIVE, Option, Where

_EXPECTING: Final = ("planning", "pregnant", "breastfeeding")
_FATHERING: Final = ("wish_to_father",)
_WISH: Final = "Wish to father a child"
_BAD: Final = ("moderate", "severe")
_FAILED: Final = ("topical_failed",)

TOPICAL: Final = (
    Option(
        "pregnant_steroid_edf",
        "topical",
        "Topical corticosteroid",
        "Mild or moderate potency rather than potent: large amounts of potent ones go with low birth weight.",
        "S2e guideline: should be preferred",
        source.EDF_2017,
        Where(severities=ACTIVE, pregnancies=("planning", "pregnant")),
        ("tcs_moderate",),
    ),
    Option(
        "pregnant_steroid_etfad",
        "topical",
        "Topical corticosteroid",
        "First-line treatment: European class II or III at the lowest potency that will do, and not fluticasone.",
        "expert opinion",
        source.ETFAD_2019,
        Where(severities=ACTIVE, pregnancies=_EXPECTING),
        ("tcs",),
    ),
    Option(
        "pregnant_tacrolimus",
        "topical",
        "Topical calcineurin inhibitor",
        "Tacrolimus is the only one with enough experience.",
        "expert opinion",
        source.ETFAD_2019,
        Where(severities=ACTIVE, pregnancies=_EXPECTING),
        ("tacrolimus",),
    ),
)

SYSTEMIC: Final = (
    Option(
        "pregnant_uv",
        "systemic",
        "Phototherapy",
        "Ultraviolet therapy may be used.",
        "expert opinion",
        source.ETFAD_2019,
        Where(severities=_BAD, pregnancies=_EXPECTING, needs=_FAILED),
        ("phototherapy",),
    ),
    Option(
        "pregnant_uv_folate",
        "systemic",
        "Phototherapy",
        "Folic acid with it: much narrow-band UVB may lower folate.",
        "the reviewers' recommendation, for all who may become pregnant",
        source.ZHANG_2017,
        Where(severities=_BAD, pregnancies=("planning", "pregnant"), needs=_FAILED),
        ("phototherapy",),
    ),
    Option(
        "pregnant_ciclosporin_etfad",
        "systemic",
        "Ciclosporin",
        "Ciclosporin, off label, if topical treatment and light fail.",
        "expert opinion",
        source.ETFAD_2019,
        Where(severities=_BAD, pregnancies=_EXPECTING, needs=_FAILED),
        ("ciclosporin",),
    ),
    Option(
        "pregnant_ciclosporin_north",
        "systemic",
        "Ciclosporin",
        "Ciclosporin as the first long-term systemic treatment; short prednisolone for a flare.",
        "full consensus (Delphi)",
        source.NORTH_2024,
        Where(severities=_BAD, pregnancies=_EXPECTING, needs=_FAILED),
        ("ciclosporin",),
    ),
    Option(
        "pregnant_dupilumab_etfad",
        "systemic",
        "Dupilumab",
        "No dupilumab, for lack of experience.",
        "expert opinion, against",
        source.ETFAD_2019,
        Where(severities=_BAD, pregnancies=_EXPECTING, needs=_FAILED),
    ),
    Option(
        "breastfeeding_dupilumab_north",
        "systemic",
        "Dupilumab",
        "Found suitable while breastfeeding; no consensus on a second choice in pregnancy.",
        "consensus (Delphi)",
        source.NORTH_2024,
        Where(severities=_BAD, pregnancies=("breastfeeding",), needs=_FAILED),
    ),
    Option(
        "pregnant_avoid",
        "systemic",
        "To be avoided",
        "JAK inhibitors, methotrexate and mycophenolate before conception, in pregnancy and while breastfeeding; each "
        "has its own wash-out period.",
        "consensus (Delphi), against",
        source.NORTH_2024,
        Where(severities=_BAD, pregnancies=_EXPECTING, needs=_FAILED),
    ),
)

FATHERS: Final = (
    Option(
        "father_topical",
        "topical",
        _WISH,
        "Topical treatment asks for no special care then.",
        "expert opinion",
        source.ETFAD_2019,
        Where(severities=ACTIVE, pregnancies=_FATHERING),
    ),
    Option(
        "father_systemic_etfad",
        "systemic",
        _WISH,
        "Methotrexate and mycophenolate are stopped 3 months before conception. Ciclosporin may be used where other "
        "treatment fails or does not suit, azathioprine only in severe eczema.",
        "expert opinion",
        source.ETFAD_2019,
        Where(severities=_BAD, pregnancies=_FATHERING, needs=_FAILED),
    ),
    Option(
        "father_systemic_north",
        "systemic",
        _WISH,
        "Ciclosporin, azathioprine, dupilumab and corticosteroids are appropriate; 3 months without methotrexate or "
        "mycophenolate before conception are desirable; no consensus on JAK inhibitors.",
        "consensus (Delphi)",
        source.NORTH_2024,
        Where(severities=_BAD, pregnancies=_FATHERING, needs=_FAILED),
    ),
)

OPTIONS: Final = TOPICAL + SYSTEMIC + FATHERS
