"""Questionnaires that patients answer: POEM, DLQI, CDLQI, ADCT, and the numerical rating of itch.

The questionnaires are copyrighted: only the points of each answer come in, with short labels of our
own, never the wording. Unknown stays unknown: an unanswered item is not taken for 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flexura.decision.bands import ADCT_BANDS, CDLQI_BANDS, DLQI_BANDS, ITCH_NRS_BANDS, POEM_BANDS, BandScheme
from flexura.decision.scores.parts import (
    Number,
    Reading,
    ScoreResult,
    grade,
    number,
    refuse_strangers,
    sum_of,
    whole_grades,
)


@dataclass(frozen=True)
class Questionnaire:
    """One questionnaire: labels of its items in its order, points of one item, bands, for whom, and the source."""

    name: str
    title: str
    items: tuple[str, ...]
    highest_item: int
    scheme: BandScheme
    meant_for: str
    copyright: str
    source: str

    @property
    def highest(self) -> int:
        """The highest total."""
        return len(self.items) * self.highest_item


_TABLE: Final = (
    Questionnaire(
        "poem",
        "POEM",
        ("itch", "sleep", "bleeding", "weeping", "cracking", "flaking", "dryness"),
        4,
        POEM_BANDS,
        "all ages; days of the last week",
        "Centre of Evidence Based Dermatology, University of Nottingham",
        "Charman 2004, doi 10.1001/archderm.140.12.1513",
    ),
    Questionnaire(
        "dlqi",
        "DLQI",
        (
            "symptoms",
            "embarrassment",
            "shopping_home_garden",
            "clothes",
            "social_leisure",
            "sport",
            "work_study",
            "relationships",
            "sexual",
            "treatment",
        ),
        3,
        DLQI_BANDS,
        "from 16 years; the last week; not relevant counts 0, prevented from work 3",
        "A Y Finlay, G K Khan, Cardiff University",
        "Finlay & Khan 1994, doi 10.1111/j.1365-2230.1994.tb01167.x",
    ),
    Questionnaire(
        "cdlqi",
        "CDLQI",
        (
            "symptoms",
            "feelings",
            "friendships",
            "clothes",
            "play_hobbies",
            "sport",
            "school_holiday",
            "teasing",
            "sleep",
            "treatment",
        ),
        3,
        CDLQI_BANDS,
        "4 to 16 years; the last week; prevented from school counts 3",
        "M S Lewis-Jones, A Y Finlay, Cardiff University",
        "Lewis-Jones & Finlay 1995, doi 10.1111/j.1365-2133.1995.tb16953.x",
    ),
    Questionnaire(
        "adct",
        "ADCT",
        ("overall_severity", "itch_days", "bother", "sleep_nights", "activities", "mood"),
        4,
        ADCT_BANDS,
        "from 12 years; the last week",
        "Regeneron and Sanofi",
        "Pariser 2020, doi 10.1080/03007995.2019.1699516",
    ),
)
QUESTIONNAIRES: Final[Mapping[str, Questionnaire]] = MappingProxyType({one.name: one for one in _TABLE})

_ITCH: Final = Reading("0-10: numerical rating of itch", ITCH_NRS_BANDS.source, ITCH_NRS_BANDS)


def questionnaire_score(name: str, answers: Mapping[str, Number | None]) -> ScoreResult:
    """Add the points of a questionnaire up.

    Parameters
    ----------
    name : str
        One of `QUESTIONNAIRES`: poem, dlqi, cdlqi or adct.
    answers : mapping of str to number or None
        Points by the questionnaire's labels, whole numbers from 0 to its `highest_item`; an item that
        is left out is unknown.

    Returns
    -------
    ScoreResult
        The sum; without a value if an item is unknown.

    Raises
    ------
    ScoreError
        If there is no such questionnaire or item, or an answer is out of its range.

    References
    ----------
    Stand in the table, one per questionnaire.

    Examples
    --------
    >>> poem = QUESTIONNAIRES["poem"]
    >>> questionnaire_score("poem", dict(zip(poem.items, (4, 3, 1, 1, 2, 2, 4)))).band
    'severe'
    """
    refuse_strangers("questionnaire", [name], known=tuple(QUESTIONNAIRES))
    sheet = QUESTIONNAIRES[name]
    refuse_strangers(f"{sheet.title} item", answers, known=sheet.items)
    allowed = whole_grades(sheet.highest_item)
    formula = f"0-{sheet.highest}: sum of {len(sheet.items)} answers, 0-{sheet.highest_item} each; {sheet.meant_for}"
    parts = {item: grade(item, answers.get(item), allowed=allowed) for item in sheet.items}
    return sum_of(parts, Reading(formula, sheet.source, sheet.scheme))


def itch_nrs(itch: Number | None) -> ScoreResult:
    """Numerical rating of itch, 0-10, with its band.

    Parameters
    ----------
    itch : Decimal, int, float or None
        0-10.

    Returns
    -------
    ScoreResult
        The rating itself.

    Raises
    ------
    ScoreError
        If it is out of its range.

    References
    ----------
    Vakharia et al. 2018, Br J Dermatol 178:925, PMC5906166.

    Examples
    --------
    >>> itch_nrs(7).band
    'severe'
    """
    return sum_of({"itch": None if itch is None else number("itch", itch, highest=10)}, _ITCH)
