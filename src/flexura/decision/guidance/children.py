"""Options under 12 years: the ladder of NICE CG57, and what it says of emollients, triggers and referral.

Strengths are NICE's own verbs: "offer" and "use" are strong, "consider" and "can be used" are weaker.
"""

from typing import Final

from flexura.decision.guidance.guidelines import CG57, GAN_2023, US_LABELS
from flexura.decision.guidance.option import ACTIVE, Option, Where

_CHILD: Final = (0.0, 12.0)
_INFANT: Final = (0.0, 1.0)
_OVER_ONE: Final = (1.0, 12.0)
_BODY: Final = ("body", "flexure", "hands")
_USE: Final = "use (NICE wording)"
_OFFER: Final = "offer (NICE wording)"
_CONSIDER: Final = "consider (NICE wording)"
_STEROID: Final = "Topical corticosteroid"

BASICS: Final = (
    Option(
        "child_emollient",
        "basics",
        "Emollient",
        "A choice of unperfumed emollients for every day, for moisturising and washing, also when the skin is clear; "
        "leave-on emollient in large quantities, 250 to 500 g a week.",
        _OFFER,
        CG57,
        Where(ages=_CHILD),
        ("emollient",),
    ),
    Option(
        "child_bath_additives",
        "basics",
        "Emollient",
        "No emollient bath additives: leave-on emollient or emollient soap substitute for washing.",
        "do not offer (NICE wording)",
        CG57,
        Where(ages=_CHILD),
    ),
    Option(
        "child_triggers",
        "basics",
        "Triggers",
        "Look for irritants such as soap and detergent, skin infection, contact, food and inhalant allergens.",
        "should (NICE wording)",
        CG57,
        Where(ages=_CHILD),
    ),
    Option(
        "child_irritants",
        "basics",
        "Triggers",
        "Emollient wash products in place of soap, bubble bath and shower gel.",
        _USE,
        CG57,
        Where(ages=_CHILD, needs=("irritants",)),
    ),
    Option(
        "child_contact",
        "basics",
        "Triggers",
        "Allergic contact dermatitis where controlled eczema gets worse or a topical treatment is not tolerated.",
        _CONSIDER,
        CG57,
        Where(ages=_CHILD, needs=("contact",)),
    ),
    Option(
        "child_food",
        "basics",
        "Food",
        "Food allergy where a food caused immediate symptoms, or in infants and young children with moderate or severe "
        "eczema that optimum treatment does not control, above all with gut symptoms or failure to thrive.",
        _CONSIDER,
        CG57,
        Where(ages=_CHILD, needs=("food",)),
    ),
    Option(
        "child_formula",
        "basics",
        "Food",
        "For a bottle-fed infant not controlled by emollient and mild topical corticosteroid: 6 to 8 weeks of "
        "extensively hydrolysed or amino acid formula in place of cow's milk formula.",
        _OFFER,
        CG57,
        Where(severities=("moderate", "severe"), ages=(0.0, 0.5)),
    ),
    Option(
        "child_inhalant",
        "basics",
        "Triggers",
        "Inhalant allergy: seasonal flares, asthma or allergic rhinitis, or facial eczema from 3 years on.",
        _CONSIDER,
        CG57,
        Where(ages=_CHILD, needs=("inhalant",)),
    ),
    Option(
        "child_dark_skin",
        "basics",
        "Dark skin",
        "In Asian, Black Caribbean and Black African children it can be on extensor surfaces rather than in the bends, "
        "and discoid or follicular patterns may be more common.",
        "should be aware (NICE wording)",
        CG57,
        Where(ages=_CHILD, needs=("dark_skin",)),
    ),
    Option(
        "child_dark_skin_look",
        "basics",
        "Dark skin",
        "It can look violet, lichenoid, papular, scaly or lighter than the skin around it, and its severity can be "
        "underestimated.",
        "review",
        GAN_2023,
        Where(ages=(0.0, 18.0), needs=("dark_skin",)),
    ),
)

TOPICAL: Final = (
    Option(
        "child_body_mild",
        "topical",
        _STEROID,
        "Mild potency, once or twice a day, on active areas only.",
        _USE,
        CG57,
        Where(severities=("mild",), ages=_CHILD, sites=_BODY),
        ("tcs_mild",),
    ),
    Option(
        "child_body_moderate",
        "topical",
        _STEROID,
        "Moderate potency, once or twice a day, on active areas only; look for infection if 7 to 14 days do not "
        "control it.",
        _USE,
        CG57,
        Where(severities=("moderate",), ages=_CHILD, sites=_BODY),
        ("tcs_moderate",),
    ),
    Option(
        "child_body_severe",
        "topical",
        _STEROID,
        "Potent, once or twice a day, for as short a time as possible and no longer than 14 days; very potent ones "
        "only with specialist advice.",
        _USE,
        CG57,
        Where(severities=("severe",), ages=_OVER_ONE, sites=_BODY),
        ("tcs_potent",),
    ),
    Option(
        "infant_body_severe",
        "topical",
        _STEROID,
        "Moderate potency; anything stronger under 12 months only under specialist dermatological supervision.",
        "do not use without supervision (NICE wording)",
        CG57,
        Where(severities=("severe",), ages=_INFANT, sites=("body", "flexure", "hands", "genital_fold")),
        ("tcs_moderate",),
    ),
    Option(
        "child_face",
        "topical",
        _STEROID,
        "Mild potency on face and neck.",
        _USE,
        CG57,
        Where(severities=ACTIVE, ages=_CHILD, sites=("face_neck",)),
        ("tcs_mild",),
    ),
    Option(
        "child_face_severe",
        "topical",
        _STEROID,
        "Moderate potency on face and neck for 3 to 5 days only, for a severe flare.",
        _USE,
        CG57,
        Where(severities=("severe",), ages=_CHILD, sites=("face_neck",)),
        ("tcs_moderate",),
    ),
    Option(
        "child_fold_mild",
        "topical",
        _STEROID,
        "Mild potency in armpit, groin and genital area.",
        _USE,
        CG57,
        Where(severities=("mild",), ages=_CHILD, sites=("genital_fold",)),
        ("tcs_mild",),
    ),
    Option(
        "child_fold",
        "topical",
        _STEROID,
        "Moderate or potent only for short, 7 to 14 days, in vulnerable places such as armpit and groin.",
        _USE,
        CG57,
        Where(severities=("moderate", "severe"), ages=_OVER_ONE, sites=("genital_fold",)),
        ("tcs_moderate", "tcs_potent"),
    ),
    Option(
        "infant_fold",
        "topical",
        _STEROID,
        "Moderate potency only for short, 7 to 14 days, in vulnerable places such as armpit and groin.",
        _USE,
        CG57,
        Where(severities=("moderate", "severe"), ages=_INFANT, sites=("genital_fold",)),
        ("tcs_moderate",),
    ),
    Option(
        "child_bandages",
        "topical",
        "Bandages",
        "Medicated dressings or dry bandages with emollient for thickened skin; with topical corticosteroid for 7 to "
        "14 days in a flare. Of a whole limb or the trunk, wet wraps too, not as the first treatment, and begun by "
        "those trained in them.",
        "can be used (NICE wording)",
        CG57,
        Where(severities=("moderate", "severe"), ages=_CHILD, sites=_BODY),
        ("bandages",),
    ),
    Option(
        "child_itch",
        "topical",
        "Antihistamines",
        "No oral antihistamine routinely. A month's trial of a non-sedating one for severe eczema or severe itching; a "
        "sedating one for 7 to 14 days from 6 months of age if a flare disturbs sleep.",
        "offer a trial (NICE wording)",
        CG57,
        Where(ages=(0.5, 12.0), needs=("severe_itch",)),
    ),
    Option(
        "infant_promethazine",
        "topical",
        "Antihistamines",
        "No promethazine under 2 years: fatal respiratory depression has occurred.",
        "not recommended, boxed warning",
        US_LABELS,
        Where(ages=(0.0, 2.0), needs=("severe_itch",)),
    ),
)

# NICE names both in one line; who is sensitive to light must still read the other.
_FOR_SEVERE: Final = (
    "for severe eczema with a marked effect on quality of life when other options have failed or are unsuitable; "
    "by specialists, after severity and quality of life are written down."
)

SYSTEMIC: Final = (
    Option(
        "child_phototherapy",
        "systemic",
        "Phototherapy or systemic treatment",
        f"Phototherapy: {_FOR_SEVERE}",
        _CONSIDER,
        CG57,
        Where(severities=("severe",), ages=_CHILD, needs=("topical_failed",)),
        ("phototherapy",),
    ),
    Option(
        "child_systemic",
        "systemic",
        "Phototherapy or systemic treatment",
        f"Systemic treatment: {_FOR_SEVERE}",
        _CONSIDER,
        CG57,
        Where(severities=("severe",), ages=_CHILD, needs=("topical_failed",)),
    ),
)

MAINTENANCE: Final = (
    Option(
        "child_weekend",
        "maintenance",
        "Between flares",
        "Topical corticosteroid on two consecutive days a week where flares come two or three times a month, once they "
        "are controlled; review within 3 to 6 months.",
        _CONSIDER,
        CG57,
        Where(ages=_CHILD, needs=("relapsing",)),
    ),
    Option(
        "child_clear",
        "maintenance",
        "Between flares",
        "Emollient alone while nothing is active.",
        _USE,
        CG57,
        Where(severities=("clear",), ages=_CHILD, unless=("relapsing",)),
        ("emollient",),
    ),
)

REFERRAL: Final = (
    Option(
        "child_two_weeks",
        "referral",
        "Refer within 2 weeks",
        "Severe eczema that has not responded to optimum topical treatment after a week.",
        "urgent referral (NICE wording)",
        CG57,
        Where(severities=("severe",), ages=_CHILD, needs=("topical_failed",)),
    ),
    Option(
        "child_infection_failed",
        "referral",
        "Refer within 2 weeks",
        "Treatment of bacterially infected eczema has failed.",
        "urgent referral (NICE wording)",
        CG57,
        Where(ages=_CHILD, infections=("suspected",), needs=("antibiotic_failed",)),
    ),
    Option(
        "child_referral",
        "referral",
        "When to refer",
        "Diagnosis uncertain; flares of one or two weeks a month, or treatment not tolerated; face not responding; "
        "help with bandages; contact allergy suspected; distress, poor sleep or missed school; severe and recurrent "
        "infections.",
        "refer (NICE wording)",
        CG57,
        Where(ages=_CHILD),
    ),
)

OPTIONS: Final = BASICS + TOPICAL + SYSTEMIC + MAINTENANCE + REFERRAL
