"""The table of all fields that a context may hold: kind, unit, range and words of each.

Everything that reads, refuses or documents a context goes by this table; docs/context.md shows it.
`birth_date`, `captured_at` and `time_zone` are read and not kept: only the age and the day are.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from flexura.clinical import vocabulary
from flexura.clinical.sites import SITES
from flexura.records import Sex

Kind = Literal[
    "number",
    "whole number",
    "word",
    "words",
    "site",
    "sites",
    "day",
    "time",
    "zone",
    "days",
    "itch scores",
    "items",
    "treatments",
]
FIRST_YEAR, LAST_YEAR = 1850, 2199
MOST_ENTRIES: Final = 1000  # of any list: two and a half years of daily scores
POEM_ITEMS, HIGHEST_POEM_ITEM = 7, 4
HIGHEST_ITCH = 10.0

_DAY = f"YYYY-MM-DD, {FIRST_YEAR} to {LAST_YEAR}"
_EXPECTED: dict[Kind, str] = {
    "number": "a number from {low:g} to {high:g} ({unit})",
    "whole number": "a whole number from {low:g} to {high:g} ({unit})",
    "word": "one of {words}",
    "words": "a list of any of {words}",
    "site": "one of {words}, with left_ or right_ before it where known",
    "sites": "a list of any of {words}, with left_ or right_ before it where known",
    "day": f"a day, {_DAY}",
    "time": f"a day, {_DAY}, or local time, YYYY-MM-DDThh:mm, with its offset (-12:00 to +14:00) where known",
    "zone": "a time zone of the IANA database, such as Europe/Berlin",
    "days": f"a list of days, {_DAY}",
    "itch scores": f"a list of objects with a day ({_DAY}) and an itch (0 to {HIGHEST_ITCH:g})",
    "items": f"a list of {POEM_ITEMS} whole numbers from 0 to {HIGHEST_POEM_ITEM}",
    "treatments": "a list of objects with a treatment, each named once, and a response where known; "
    f"treatments: {{words}}; responses: {', '.join(vocabulary.RESPONSES)}",
}


@dataclass(frozen=True)
class ContextField:
    """One field of a context: what kind of value it takes, in which unit, range or words."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    low: float = 0
    high: float = 0
    words: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What a right value looks like, as errors say it."""
        return _EXPECTED[self.kind].format(low=self.low, high=self.high, unit=self.unit, words=", ".join(self.words))


_LONGEST_LIFE_YEARS = 120

_TABLE: Final = (
    # ---- person
    ContextField("age_years", "number", "age at capture", "years", 0, _LONGEST_LIFE_YEARS),
    ContextField("age_months", "whole number", "all completed months of age", "months", 0, 12 * _LONGEST_LIFE_YEARS),
    ContextField("birth_date", "day", "gives the age at capture; not kept", "day"),
    ContextField("captured_at", "time", "when the photo was taken, local time; only the day is kept", "day"),
    ContextField("time_zone", "zone", "where the photo was taken, if `captured_at` is not local time; not kept"),
    ContextField("sex", "word", "sex", words=get_args(Sex)),
    # Fitzpatrick 1988, doi 10.1001/archderm.1988.01670060015008; Monk 2019 (skintone.google).
    ContextField("skin_type", "whole number", "how the skin answers to sun", "Fitzpatrick type", 1, 6),
    ContextField("monk_tone", "whole number", "shade of unaffected skin", "Monk tone", 1, 10),
    # ---- complaint
    ContextField("itch", "number", "worst itch of the last three days", "points", 0, HIGHEST_ITCH),
    ContextField("sleep_loss", "number", "worst sleep loss of the last three days", "points", 0, 10),
    ContextField("poem", "whole number", "POEM of the last week", "points", 0, POEM_ITEMS * HIGHEST_POEM_ITEM),
    ContextField("poem_items", "items", "its seven answers; their sum is `poem`", "points"),
    ContextField("symptoms", "words", "other symptoms of skin or body", words=vocabulary.SYMPTOMS),
    ContextField("textures", "words", "how the affected skin feels", words=vocabulary.TEXTURES),
    ContextField("site", "site", "where the photo was taken", words=tuple(SITES)),
    ContextField("sites", "sites", "all affected sites", words=tuple(SITES)),
    # ---- history
    ContextField("duration_days", "number", "how long this episode has lasted", "days", 0, _LONGEST_LIFE_YEARS * 366),
    ContextField("onset_date", "day", "when the disease first appeared", "day"),
    ContextField("course", "word", "course since the onset", words=vocabulary.COURSES),
    ContextField("flares", "days", "the first day of each flare", "day"),
    ContextField("itch_history", "itch scores", "earlier itch scores by day", "points"),
    ContextField("triggers", "words", "what makes it worse", words=vocabulary.TRIGGERS),
    ContextField("atopy_self", "words", "atopic diseases of the patient, past ones too", words=vocabulary.ATOPIES),
    ContextField("atopy_family", "words", "atopic diseases of parents, siblings, children", words=vocabulary.ATOPIES),
    ContextField("treatments", "treatments", "what was tried, and the response", words=vocabulary.TREATMENTS),
    # ---- what red flags and guidance ask for
    ContextField("confirmed_diagnosis", "word", "eczema as a clinician diagnosed it", words=vocabulary.ECZEMAS),
    ContextField("warning_signs", "words", "signs that cannot wait", words=vocabulary.WARNING_SIGNS),
    ContextField("body_surface_percent", "number", "affected share of the whole body surface", "percent", 0, 100),
    ContextField("pregnancy", "word", "pregnancy, breastfeeding, or a wish for a child", words=vocabulary.PREGNANCIES),
    ContextField("conditions", "words", "what treatments are weighed against", words=vocabulary.CONDITIONS),
    # ---- what diagnostic criteria ask
    ContextField("onset_age_years", "number", "age when the disease first appeared", "years", 0, _LONGEST_LIFE_YEARS),
    ContextField(
        "features_found", "words", "found; what is in neither list is unknown", words=vocabulary.ECZEMA_FEATURES
    ),
    ContextField("features_not_found", "words", "looked for and not found", words=vocabulary.ECZEMA_FEATURES),
    ContextField("excluded_diagnoses", "words", "other diseases that were excluded", words=vocabulary.EXCLUSIONS),
    # ---- surroundings
    ContextField("season", "word", "where day and latitude do not tell", words=vocabulary.SEASONS),
    ContextField("latitude_band", "word", "where the patient lives", words=vocabulary.LATITUDE_BANDS),
    # From 1: a share of 0 to 1 given for a percentage is refused.
    ContextField("humidity_percent", "number", "relative humidity indoors", "percent", 1, 100),
    ContextField("pollen", "word", "pollen level of the day", words=vocabulary.POLLEN_LEVELS),
    ContextField("occupational_exposures", "words", "skin exposures at work", words=vocabulary.EXPOSURES),
)
FIELDS: Final = {field.name: field for field in _TABLE}
