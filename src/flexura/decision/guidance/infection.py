"""Options against bacteria: where the eczema shows signs of infection (unwell is a red flag), and antiseptics."""

from typing import Final

from flexura.decision.guidance import guidelines as source
from flexura.decision.guidance.option import HAND_ECZEMAS, OLDEST, Option, Where

_ADULT: Final = (18.0, OLDEST)

OPTIONS: Final = (
    Option(
        "infection_no_routine",
        "infection",
        "Antibiotics",
        "Not routinely, topical or oral, while the patient is not systemically unwell; weeping and crusts alone do not "
        "prove infection. Treat the eczema itself, with or without an antibiotic. Complications are likelier under "
        "immunosuppression.",
        "do not routinely offer (NICE wording)",
        source.NG190,
        Where(infections=("suspected",), diagnoses=HAND_ECZEMAS),
    ),
    Option(
        "infection_swab",
        "infection",
        "Swab",
        "No routine swab at first; one where it gets worse, does not improve as expected or comes back often.",
        "do not routinely take; consider (NICE wording)",
        source.NG190,
        Where(infections=("suspected",), diagnoses=HAND_ECZEMAS),
    ),
    Option(
        "infection_antimicrobials",
        "infection",
        "Antibiotics",
        "No topical antimicrobials for the eczema itself.",
        "conditional, against, low certainty",
        source.AAD_2023,
        Where(ages=_ADULT, infections=("suspected",)),
    ),
    # The Joint Task Force asks for no sign of infection, the AAD does: both stand beside each other at any time.
    Option(
        "bleach_aad",
        "topical",
        "Antiseptics",
        "No antiseptics for the eczema itself; with clinical signs of bacterial infection, bleach baths or topical "
        "sodium hypochlorite may be suggested.",
        "conditional, against, very low certainty",
        source.AAD_2023,
        Where(severities=("moderate", "severe"), ages=_ADULT),
    ),
    Option(
        "bleach_jtf",
        "topical",
        "Antiseptics",
        "Dilute bleach baths in addition to other treatment.",
        "conditional, low certainty",
        source.JTF_2023,
        Where(severities=("moderate", "severe")),
        ("bleach_bath",),
    ),
    Option(
        "bleach_jtf_mild",
        "topical",
        "Antiseptics",
        "No bleach baths where eczema is mild.",
        "conditional, against, low certainty",
        source.JTF_2023,
        Where(severities=("mild",)),
    ),
)
