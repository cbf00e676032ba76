"""What the tables of this room leave out for a diagnosis, and why; of every other each of the three parts is told."""

from dataclasses import dataclass
from typing import Final, Literal

Part = Literal["for", "against", "would settle it"]


@dataclass(frozen=True)
class Unsaid:
    """Parts that have no row for one diagnosis."""

    diagnosis: str
    parts: tuple[Part, ...]
    why: str


UNSAID: Final = (
    Unsaid(
        "other_infection",
        ("for", "against"),
        "A collection: warts, molluscum, pityriasis versicolor, abscesses and more share no finding.",
    ),
    Unsaid(
        "other_inflammatory",
        ("for", "against"),
        "A collection: insect bites, drug rashes, granuloma annulare, vasculitis and more share no finding.",
    ),
    Unsaid(
        "growth",
        ("against",),
        "A melanoma may be evenly coloured or without pigment, and nobody may have seen it change: nothing that is "
        "seen or told here speaks against one.",
    ),
    Unsaid(
        "healthy_skin",
        ("would settle it",),
        "No test shows that skin is healthy: examine it where something was felt or seen.",
    ),
)
