"""The table of red flags: what raises each, how soon to act, what to do, and who says so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flexura.decision.guidance import guidelines as source
from flexura.decision.guidance.guidelines import Guideline
from flexura.decision.guidance.situation import UNWELL, infection_of
from flexura.decision.red_flags.known import (
    CHECKLIST_LIMIT,
    LASTING_DAYS,
    PAIN,
    RAW_MUCOSA,
    WORTH_A_LOOK,
    Known,
    eczema_known,
    melanoma_like,
    red_all_over,
    resists,
)


@dataclass(frozen=True)
class Trigger:
    """One way to raise a flag: in words, as the rule reads it, and the rule."""

    words: str
    limits: str
    holds: Callable[[Known], bool]


@dataclass(frozen=True)
class RedFlag:
    """Something that cannot wait; where `stops`, no treatment of eczema is suggested beside it."""

    code: str
    name: str
    urgency: str
    action: str
    strength: str
    source: Guideline
    signs_from: Guideline
    triggers: tuple[Trigger, ...]
    stops: bool


def _told(words: str, *signs: str) -> Trigger:
    return Trigger(words, f"told: {' or '.join(signs)}", lambda known: known.told(*signs))


def _both(words: str, one: tuple[str, ...], other: tuple[str, ...]) -> Trigger:
    limits = f"told: ({' or '.join(one)}) and ({' or '.join(other)})"
    return Trigger(words, limits, lambda known: known.told(*one) and known.told(*other))


_PROBABLE: Final = f"probability ≥ {WORTH_A_LOOK:g}"

RED_FLAGS: Final = (
    RedFlag(
        "anaphylaxis",
        "Anaphylaxis",
        "now",
        "Look at airway, breathing and circulation; call for help, and give adrenaline into the muscle if any is "
        "impaired.",
        "guideline; grade not in what was read",
        source.RESUS_2021,
        source.RESUS_2021,
        (
            Trigger(
                "short of breath, and urticaria is among what the photo may show",
                f"told: shortness_of_breath; and urticaria {_PROBABLE}",
                lambda known: known.told("shortness_of_breath") and known.probable("urticaria"),
            ),
            _both(
                "short of breath, and the rash comes on fast",
                ("shortness_of_breath",),
                ("rapidly_spreading", "rapidly_worsening"),
            ),
        ),
        stops=True,
    ),
    RedFlag(
        "necrotising_infection",
        "Necrotising infection of skin or soft tissue",
        "now",
        "Refer to hospital at once, to surgeons: the diagnosis is clinical, and no investigation may delay it.",
        "refer to hospital (NICE wording)",
        source.NG141,
        source.WSES_2018,
        (
            _told("pain out of proportion to what is seen", "pain_out_of_proportion"),
            _told("dusky or black skin", "dusky_or_black_skin"),
            _both("spreads fast, and unwell", ("rapidly_spreading",), UNWELL),
        ),
        stops=True,
    ),
    RedFlag(
        "sjs_ten",
        "Stevens-Johnson syndrome or toxic epidermal necrolysis",
        "now",
        "Admit as an emergency, to a unit for burns or intensive care where much skin comes off; stop every drug that "
        "may be the cause; look at eyes, mouth and genitals. In a young child think of scalded skin by staphylococci.",
        "guideline; grade not in what was read",
        source.BAD_SJS,
        source.BAD_SJS,
        (
            _told("skin comes off in sheets or at a touch", "skin_detaching"),
            Trigger(
                "raw eyes, mouth or genitals, with a new medicine or blisters",
                "told: (eroded_mucosa or mouth_sores) and (new_medicine, or finding blisters)",
                lambda known: known.told(*RAW_MUCOSA) and (known.told("new_medicine") or known.found("blisters")),
            ),
            Trigger(
                "skin that hurts, and unwell, with a new medicine",
                "told: new_medicine and (pain or burning) and (fever or chills or unwell)",
                lambda known: known.told("new_medicine") and known.told(*PAIN) and known.told(*UNWELL),
            ),
            Trigger(
                "erythema multiforme is among what the photo may show, with raw mucosa or a new medicine",
                f"erythema_multiforme {_PROBABLE} and told: eroded_mucosa or mouth_sores or new_medicine",
                lambda known: known.probable("erythema_multiforme") and known.told(*RAW_MUCOSA, "new_medicine"),
            ),
        ),
        stops=True,
    ),
    RedFlag(
        "meningococcal",
        "Meningococcal disease or another sepsis",
        "now",
        "To hospital as an emergency: spots that do not fade under glass, in an unwell patient or spreading.",
        "transfer to hospital as an emergency (NICE wording)",
        source.NG240,
        source.NG240,
        (
            _both("spots do not fade under glass, and unwell", ("non_blanching",), UNWELL),
            _both("spots do not fade under glass, and spread fast", ("non_blanching",), ("rapidly_spreading",)),
        ),
        stops=True,
    ),
    RedFlag(
        "dress",
        "Drug reaction with eosinophilia and systemic symptoms (DRESS)",
        "same day",
        "Stop every drug that may be the cause; look for a swollen face and lymph nodes; blood count with eosinophils, "
        "liver and kidneys.",
        "consensus (Delphi)",
        source.DRESS_2024,
        source.DRESS_2024,
        (_both("a new medicine, and unwell", ("new_medicine",), UNWELL),),
        stops=True,
    ),
    RedFlag(
        "eczema_herpeticum",
        "Eczema herpeticum",
        "same day",
        "Start systemic aciclovir at once and get dermatological advice the same day; around the eyes ophthalmological "
        "advice too. A systemic antibiotic as well where bacteria are suspected beside it.",
        "immediate treatment, same-day referral (NICE wording)",
        source.CG57,
        source.CG57,
        (
            _told("punched-out erosions", "punched_out_erosions"),
            _told("clustered blisters", "clustered_blisters"),
            _both("gets worse fast, with pain or fever", ("rapidly_worsening",), (*PAIN, *UNWELL)),
            Trigger(
                "herpes is among what the photo may show, with eczema",
                f"herpes {_PROBABLE}, and eczema {_PROBABLE}, confirmed, or atopic dermatitis in the history",
                lambda known: known.probable("herpes") and eczema_known(known),
            ),
        ),
        stops=True,
    ),
    RedFlag(
        "erythroderma",
        "Erythroderma",
        "same day",
        "Same-day specialist assessment: fluid, temperature, heart, infection, and the cause (eczema, psoriasis, drug, "
        "lymphoma).",
        "immediate same-day referral (NICE wording)",
        source.CG153,
        source.CUELLAR_2018,
        (
            _told("red nearly everywhere", "red_all_over"),
            Trigger(
                "90 % or more of the body surface is affected",
                "body_surface_percent ≥ 90; or a red whole-body photo whose area is ≥ 90 % with its whole interval",
                red_all_over,
            ),
        ),
        stops=True,
    ),
    RedFlag(
        "cellulitis",
        "Cellulitis or erysipelas",
        "same day",
        "Examine the same day; mark the edge, offer an antibiotic. Hospital for signs of anything worse: sepsis, "
        "orbital cellulitis, deep infection.",
        "offer an antibiotic (NICE wording)",
        source.NG141,
        source.RAFF_2016,
        (
            _told("warm and tender", "warm_and_tender"),
            Trigger(
                "redness spreads fast, or swells and hurts with fever",
                "told: rapidly_spreading; or findings red and swollen with told pain and fever, chills or unwell",
                lambda known: (
                    known.told("rapidly_spreading")
                    or (known.found("red") and known.found("swollen") and known.told(*PAIN) and known.told(*UNWELL))
                ),
            ),
            Trigger(
                "cellulitis is among what the photo may show",
                f"cellulitis {_PROBABLE}",
                lambda known: known.probable("cellulitis"),
            ),
        ),
        stops=True,
    ),
    RedFlag(
        "infected_eczema",
        "Infected eczema or other infected skin disease, and unwell",
        "same day",
        "Offer an oral antibiotic; to hospital if anything suggests sepsis or necrotising infection, and seek advice "
        "if immunity is suppressed. Think of herpes.",
        "offer (NICE wording)",
        source.NG190,
        source.NG190,
        (
            Trigger(
                "oozing, crusts, pustules or known infection, with fever, chills or malaise",
                "(finding oozing, told pustules, or triggers skin_infection) and told: fever or chills or unwell",
                lambda known: infection_of(known.context, known.findings) == "unwell",
            ),
        ),
        stops=True,
    ),
    RedFlag(
        "purpura",
        "Purpura that does not fade under glass",
        "same day",
        "Under 18 years immediate specialist assessment for leukaemia; adults a full blood count within 48 hours. For "
        "vasculitis: blood pressure and urine, joints, abdomen.",
        "refer, in adults consider (NICE wording)",
        source.NG12,
        source.OZEN_2010,
        (_told("spots do not fade under glass", "non_blanching"),),
        stops=True,
    ),
    RedFlag(
        "melanoma_like",
        "Growth that could be a melanoma",
        "within 2 weeks",
        "Suspected cancer pathway, seen within 2 weeks, from 3 points of the weighted 7-point checklist or if "
        "dermoscopy suggests melanoma.",
        "refer (NICE wording)",
        source.NG12,
        source.NG12,
        (
            Trigger(
                "3 or more points of the 7-point checklist",
                f"(told: pigmented_lesion, or growth {_PROBABLE}) and {CHECKLIST_LIMIT} or more points by what was "
                "told or seen",
                melanoma_like,
            ),
            Trigger(
                "the photo may show a growth: count the checklist, look with a dermatoscope",
                f"growth {_PROBABLE}",
                lambda known: known.probable("growth"),
            ),
        ),
        stops=True,
    ),
    RedFlag(
        "mycosis_fungoides",
        "Mycosis fungoides",
        "soon",
        "Dermatologist, biopsy, repeated if need be: patches that resist treatment are not eczema until lymphoma is "
        "excluded.",
        "guideline for diagnosis; grade not in what was read",
        source.BAD_LYMPHOMA,
        source.BAD_LYMPHOMA,
        (
            Trigger(
                "half a year or longer, and topical corticosteroids did not help",
                f"18 years or older or age unknown; duration_days ≥ {LASTING_DAYS}; topical_failed",
                resists,
            ),
            Trigger(
                "mycosis fungoides is among what the photo may show",
                f"mycosis_fungoides {_PROBABLE}",
                lambda known: known.probable("mycosis_fungoides"),
            ),
        ),
        stops=False,
    ),
)
