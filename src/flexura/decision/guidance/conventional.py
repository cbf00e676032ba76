"""Light, older systemic treatment and retinoids where topical treatment failed."""

from typing import Final

from flexura.decision.guidance import guidelines as source
from flexura.decision.guidance.option import HAND_ECZEMAS, NOT_CARRYING, OLDEST, Option, Where

_ADULT: Final = (18.0, OLDEST)
_FROM_12: Final = (12.0, OLDEST)
_BAD: Final = ("moderate", "severe")

_FAILED: Final = ("topical_failed",)

_ADULTS: Final = Where(severities=_BAD, ages=_ADULT, needs=_FAILED)
_TWELVE: Final = Where(severities=_BAD, ages=_FROM_12, needs=_FAILED)

OPTIONS: Final = (
    Option(
        "phototherapy_aad",
        "systemic",
        "Phototherapy",
        "Phototherapy, mostly narrowband UVB.",
        "conditional, low certainty",
        source.AAD_2024,
        _ADULTS,
        ("phototherapy",),
    ),
    Option(
        "phototherapy_euro",
        "systemic",
        "Phototherapy",
        "Phototherapy in addition, preferably UVB 311 nm or UVA1.",
        "consensus, not graded in what was read",
        source.EURO_2018,
        Where(severities=_BAD, ages=(12.0, 18.0), needs=_FAILED),
        ("phototherapy",),
    ),
    Option(
        "phototherapy_choice",
        "systemic",
        "Phototherapy",
        "A history of skin cancer, the skin type and medicines that sensitise to light guide which light is chosen, "
        "among others; under a physician who knows light treatment.",
        "B, level of evidence II",
        source.AAD_2014,
        _TWELVE,
        ("phototherapy",),
    ),
    Option(
        "methotrexate_aad",
        "systemic",
        "Methotrexate",
        "Methotrexate with proper monitoring.",
        "conditional, low certainty",
        source.AAD_2024,
        _ADULTS,
        ("methotrexate",),
    ),
    Option(
        "methotrexate_jtf",
        "systemic",
        "Methotrexate",
        "No methotrexate.",
        "conditional, against",
        source.JTF_2023,
        _TWELVE,
    ),
    Option(
        "azathioprine_aad",
        "systemic",
        "Azathioprine",
        "Azathioprine with proper monitoring.",
        "conditional",
        source.AAD_2024,
        _ADULTS,
        ("azathioprine",),
    ),
    Option(
        "azathioprine_jtf",
        "systemic",
        "Azathioprine",
        "No azathioprine.",
        "conditional, against",
        source.JTF_2023,
        _TWELVE,
    ),
    Option(
        "mycophenolate_aad",
        "systemic",
        "Mycophenolate",
        "Mycophenolate with proper monitoring.",
        "conditional",
        source.AAD_2024,
        _ADULTS,
        ("mycophenolate",),
    ),
    Option(
        "mycophenolate_men",
        "systemic",
        "Mycophenolate",
        "Men or their partners use reliable contraception during it and for at least 90 days after: it is genotoxic, "
        "though no harm to children of treated fathers has been seen. Speak of a wish for a child before it.",
        "regulator's advice, as a precaution",
        source.MHRA_2018,
        Where(severities=_BAD, ages=_ADULT, needs=(*_FAILED, "male")),
    ),
    Option(
        "mycophenolate_women",
        "systemic",
        "Mycophenolate",
        "Women who can become pregnant use at least one reliable form of contraception, better two, before it, during "
        "it and for 6 weeks after.",
        "regulator's advice: contraindicated without",
        source.MHRA_2018,
        Where(severities=_BAD, ages=(18.0, 56.0), needs=(*_FAILED, "female")),
        ("mycophenolate",),
    ),
    Option(
        "mycophenolate_jtf",
        "systemic",
        "Mycophenolate",
        "No mycophenolate.",
        "conditional, against",
        source.JTF_2023,
        _TWELVE,
    ),
    Option(
        "ciclosporin_aad",
        "systemic",
        "Ciclosporin",
        "Ciclosporin for a limited time, with proper monitoring.",
        "conditional",
        source.AAD_2024,
        _ADULTS,
        ("ciclosporin",),
    ),
    Option(
        "ciclosporin_jtf",
        "systemic",
        "Ciclosporin",
        "Ciclosporin is an option.",
        "conditional",
        source.JTF_2023,
        _TWELVE,
        ("ciclosporin",),
    ),
    Option(
        "steroid_aad",
        "systemic",
        "Systemic corticosteroids",
        "No systemic corticosteroids, but for acute, severe exacerbations as a short bridge to other treatment.",
        "conditional, against, low certainty",
        source.AAD_2024,
        _ADULTS,
    ),
    Option(
        "steroid_jtf",
        "systemic",
        "Systemic corticosteroids",
        "No systemic corticosteroids.",
        "conditional, against",
        source.JTF_2023,
        _TWELVE,
    ),
    Option(
        "euroguiderm",
        "systemic",
        "European view of the same treatments",
        "Azathioprine, ciclosporin, corticosteroids, methotrexate, mycophenolate, dupilumab, lebrikizumab, "
        "nemolizumab, tralokinumab, abrocitinib, baricitinib and upadacitinib are graded one by one, by age: look "
        "there.",
        "graded drug by drug in the guideline",
        source.EURO_2025,
        Where(severities=_BAD, ages=_FROM_12, pregnancies=NOT_CARRYING, needs=_FAILED),
    ),
    Option(
        "alitretinoin",
        "systemic",
        "Alitretinoin",
        "For severe chronic hand eczema with a DLQI of 15 or more that potent topical corticosteroids did not help; "
        "started by those who know systemic retinoids, and stopped once the hands are clear or almost clear.",
        "recommended as an option",
        source.TA177,
        Where(
            severities=("severe",),
            ages=_ADULT,
            sites=("hands",),
            needs=(*_FAILED, "potent_failed"),
            diagnoses=HAND_ECZEMAS,
        ),
        ("alitretinoin",),
    ),
)
