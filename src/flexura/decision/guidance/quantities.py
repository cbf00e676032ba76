"""How much to apply: fingertip units by age and part of the body, and the grams that they make.

One fingertip unit is what a tube with a 5 mm nozzle gives along the last phalanx of an adult's index finger: about
0.5 g, enough for twice the flat hand of an adult with its fingers together, at any age of the patient.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, get_args

from flexura.decision.guidance.guidelines import LONG_1991, LONG_1998
from flexura.decision.guidance.option import Option
from flexura.decision.history import without_side
from flexura.errors import ScoreError
from flexura.records import PatientContext, Recommendation

Part = Literal["face_neck", "arm_hand", "leg_foot", "chest_abdomen", "back_buttocks"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)

GRAMS_PER_UNIT: Final = Decimal("0.5")
_OLDEST_YEARS: Final = 120


@dataclass(frozen=True)
class AgeRow:
    """Fingertip units of one age, from the first up to below the second year, for the parts in the order of `PARTS`."""

    words: str
    first_years: Decimal
    below_years: Decimal
    units: tuple[Decimal, ...]


def _row(words: str, first: str, below: str, *units: str) -> AgeRow:
    return AgeRow(words, Decimal(first), Decimal(below), tuple(map(Decimal, units)))


# Long, Mills & Finlay 1998; adults Long & Finlay 1991 (arm 3 and hand 1, leg 6 and foot 2). Values as in PMC9195338,
# table 2. Printed for 3-6 months, 1-2, 3-5 and 6-10 years; the gaps between go with the younger row, which is less.
AGE_ROWS: Final = (
    _row("3 months to under 1 year", "0.25", "1", "1", "1", "1.5", "1", "1.5"),
    _row("1 to 2 years", "1", "3", "1.5", "1.5", "2", "2", "3"),
    _row("3 to 5 years", "3", "6", "1.5", "2", "3", "3", "3.5"),
    _row("6 to 10 years", "6", "11", "2", "2.5", "4.5", "3.5", "5"),
    _row("11 years and older", "11", "121", "2.5", "4", "8", "7", "7"),
)

# Part of a site, where the table has one; scalp and folds have none.
SITE_PARTS: Final[Mapping[str, Part]] = {
    **dict.fromkeys(("face", "eyelid", "lip", "ear", "neck"), "face_neck"),
    **dict.fromkeys(
        ("upper_arm", "elbow", "antecubital_fossa", "forearm", "wrist", "hand_back", "palm", "finger"), "arm_hand"
    ),
    **dict.fromkeys(("chest", "abdomen"), "chest_abdomen"),
    **dict.fromkeys(("back", "buttocks"), "back_buttocks"),
    **dict.fromkeys(("thigh", "knee", "popliteal_fossa", "lower_leg", "ankle", "foot_back", "sole"), "leg_foot"),
}


# Adults, both sides of a pair together: grams of emollient for a week, twice a day, and of a topical corticosteroid
# for two weeks, once a day. BNF, as in the Northern Ireland Formulary, 13.1 (emollients printed there for four weeks).
ADULT_GRAMS: Final = (
    ("face and neck", "15 to 30", "15 to 30"),
    ("both hands", "25 to 50", "15 to 30"),
    ("scalp", "50 to 100", "15 to 30"),
    ("both arms", "100 to 200", "30 to 60"),
    ("both legs", "100 to 200", "100"),
    ("trunk", "400", "100"),
    ("groins and genitals", "15 to 25", "15 to 30"),
)
# NICE CG57, 1.5.1: leave-on emollient of a child under 12, grams a week.
CHILD_EMOLLIENT_GRAMS_PER_WEEK: Final = (250, 500)


@dataclass(frozen=True)
class Quantity:
    """Fingertip units of one application, and grams of one application and of the whole course."""

    age_row: str
    units: Decimal
    grams: Decimal
    course_grams: Decimal


def quantity(age_years: float, parts: Mapping[Part, int], *, applications_per_day: int = 1, days: int = 7) -> Quantity:
    """Amount of a topical corticosteroid for whole parts of the body.

    Parameters
    ----------
    age_years : float
        0.25 to 120; under 3 months no amount was measured.
    parts : mapping of Part to int
        How many of each part: both arms are 2.
    applications_per_day : int
        1 or 2.
    days : int
        1 to 28.

    Returns
    -------
    Quantity
        Fingertip units of 0.5 g, and grams.

    Raises
    ------
    ScoreError
        If the age, a part, its number, the applications or the days are out of range.

    References
    ----------
    Long & Finlay 1991, doi 10.1111/j.1365-2230.1991.tb01232.x;
    Long, Mills & Finlay 1998, doi 10.1046/j.1365-2133.1998.02077.x.

    Examples
    --------
    >>> quantity(4, {"face_neck": 1, "arm_hand": 2}, days=7).course_grams
    Decimal('19.25')
    """
    row = _age_row(age_years)
    if not parts:
        raise ScoreError("no part of the body was named; name at least one")
    for part, count in parts.items():
        if part not in PARTS:
            raise ScoreError(f"part {part!r:.40} is unknown; expected {', '.join(PARTS)}")
        _check_range(f"number of {part}", count, highest=2 if part in ("arm_hand", "leg_foot") else 1)
    _check_range("applications_per_day", applications_per_day, highest=2)
    _check_range("days", days, highest=28)
    units = sum((row.units[PARTS.index(part)] * count for part, count in parts.items()), Decimal(0))
    grams = units * GRAMS_PER_UNIT
    return Quantity(row.words, units, grams, grams * applications_per_day * days)


def quantity_line(context: PatientContext, rows: Iterable[Option]) -> Recommendation | None:
    """How much of a topical corticosteroid the photographed part takes, beside rows that offer one.

    Parameters
    ----------
    context : PatientContext
        Checked.
    rows : iterable of Option
        Rows that apply.

    Returns
    -------
    Recommendation or None
        `None` where no row of topical treatment offers a steroid, or age or part have no amount.
    """
    steroid = any(row.kind == "topical" and offer.startswith("tcs") for row in rows for offer in row.offers)
    site = without_side(context.site or "")
    if (
        not steroid
        or site not in SITE_PARTS
        or context.age_years is None
        or context.age_years < AGE_ROWS[0].first_years
    ):
        return None
    part = SITE_PARTS[site]
    amount = quantity(context.age_years, {part: 1})
    words = PART_WORDS[part]
    source = LONG_1991 if amount.age_row == AGE_ROWS[-1].words else LONG_1998
    units = f"{amount.units:f} fingertip unit{'' if amount.units == 1 else 's'}"
    return Recommendation(
        text=f"A whole {words} takes {units} ({amount.grams:f} g) an application at this age; "
        "one unit of 0.5 g covers twice an adult's flat hand with its fingers.",
        strength="measured amounts",
        applies_because=f"{amount.age_row}, {words}",
        source=source.name,
        version=source.version,
        url=source.url,
        urgent=False,
        kind="topical",
        topic="How much",
    )


PART_WORDS: Final[Mapping[Part, str]] = {
    "face_neck": "face and neck",
    "arm_hand": "arm with hand",
    "leg_foot": "leg with foot",
    "chest_abdomen": "front of the trunk",
    "back_buttocks": "back with buttocks",
}


def _age_row(age_years: float) -> AgeRow:
    if isinstance(age_years, bool) or not isinstance(age_years, int | float | Decimal):
        raise ScoreError(f"age_years must be a number from {AGE_ROWS[0].first_years} to {_OLDEST_YEARS}")
    age = Decimal(str(age_years))
    for row in AGE_ROWS:
        if age.is_finite() and row.first_years <= age < row.below_years and age <= _OLDEST_YEARS:
            return row
    raise ScoreError(f"age_years is out of range: {AGE_ROWS[0].first_years} to {_OLDEST_YEARS}; no amount was measured")


def _check_range(name: str, given: int, *, highest: int) -> None:
    if type(given) is not int or not 1 <= given <= highest:  # a bool is none
        raise ScoreError(f"{name} must be a whole number from 1 to {highest}")
