"""What the tables of this room leave out for a diagnosis, and why, in words that an answer shows.

Of every other diagnosis something is told for and against it; what would settle it is told of each.
"""

from dataclasses import dataclass
from typing import Final, Literal

Part = Literal["for", "against"]


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
        "Other infections are a collection: warts, molluscum, pityriasis versicolor, abscesses and more share no "
        "finding that could speak for or against them.",
    ),
    Unsaid(
        "other_inflammatory",
        ("for", "against"),
        "Other inflammatory diseases are a collection: insect bites, drug rashes, granuloma annulare, vasculitis and "
        "more share no finding that could speak for or against them.",
    ),
    Unsaid(
        "growth",
        ("against",),
        "Nothing that is seen or told here speaks against a growth: a melanoma may be evenly coloured or without "
        "pigment, and nobody may have seen it change.",
    ),
)


def why_unsaid(diagnosis: str, part: Part) -> str | None:
    """Say why a part is never told of a diagnosis.

    Parameters
    ----------
    diagnosis : str
        Code of the taxonomy.
    part : {"for", "against"}
        What speaks for it, or against it.

    Returns
    -------
    str | None
        A sentence; `None` where the tables have rows for it.

    Examples
    --------
    >>> why_unsaid("psoriasis", "for")
    """
    return next((row.why for row in UNSAID if row.diagnosis == diagnosis and part in row.parts), None)
