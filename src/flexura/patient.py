"""What is known of a patient beside the photo; nouns only, frozen. Rooms take them from `records`.

Unknown is `None`, an empty tuple is known to be none. Every field hides itself from `repr`.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Sex = Literal["female", "male", "other"]


@dataclass(frozen=True)
class ItchScore:
    """Itch (0-10, numerical rating) as it was written down on one day."""

    day: date = field(repr=False)
    itch: float = field(repr=False)


@dataclass(frozen=True)
class TriedTreatment:
    """A treatment that was tried and how the skin answered; `None` is an unknown response."""

    treatment: str = field(repr=False)
    response: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class PatientContext:
    """What is known of the patient; `None` is unknown, an empty tuple is known to be none.

    Units, ranges and words of every field stand in `clinical.schema` and docs/context.md. Itch and
    sleep loss are the worst of the last three days (0-10), `duration_days` is that of this episode,
    `site` is where the photo was taken, `sites` are all affected. The age is that on the day of
    capture; a birth date is never kept. Days run from old to new. What is neither in `features_found`
    nor in `features_not_found` was not looked for; what is not in `excluded_diagnoses` may be anything.
    """

    age_years: float | None = field(default=None, repr=False)
    sex: Sex | None = field(default=None, repr=False)
    itch: float | None = field(default=None, repr=False)
    sleep_loss: float | None = field(default=None, repr=False)
    site: str | None = field(default=None, repr=False)
    duration_days: float | None = field(default=None, repr=False)
    skin_type: int | None = field(default=None, repr=False)
    monk_tone: int | None = field(default=None, repr=False)
    age_months: int | None = field(default=None, repr=False)
    captured_on: date | None = field(default=None, repr=False)
    onset_date: date | None = field(default=None, repr=False)
    course: str | None = field(default=None, repr=False)
    flares: tuple[date, ...] | None = field(default=None, repr=False)
    itch_history: tuple[ItchScore, ...] | None = field(default=None, repr=False)
    poem: int | None = field(default=None, repr=False)
    poem_items: tuple[int, ...] | None = field(default=None, repr=False)
    symptoms: tuple[str, ...] | None = field(default=None, repr=False)
    textures: tuple[str, ...] | None = field(default=None, repr=False)
    triggers: tuple[str, ...] | None = field(default=None, repr=False)
    atopy_self: tuple[str, ...] | None = field(default=None, repr=False)
    atopy_family: tuple[str, ...] | None = field(default=None, repr=False)
    treatments: tuple[TriedTreatment, ...] | None = field(default=None, repr=False)
    sites: tuple[str, ...] | None = field(default=None, repr=False)
    season: str | None = field(default=None, repr=False)
    latitude_band: str | None = field(default=None, repr=False)
    humidity_percent: float | None = field(default=None, repr=False)
    pollen: str | None = field(default=None, repr=False)
    occupational_exposures: tuple[str, ...] | None = field(default=None, repr=False)
    confirmed_diagnosis: str | None = field(default=None, repr=False)
    warning_signs: tuple[str, ...] | None = field(default=None, repr=False)
    body_surface_percent: float | None = field(default=None, repr=False)
    pregnancy: str | None = field(default=None, repr=False)
    conditions: tuple[str, ...] | None = field(default=None, repr=False)
    onset_age_years: float | None = field(default=None, repr=False)
    features_found: tuple[str, ...] | None = field(default=None, repr=False)
    features_not_found: tuple[str, ...] | None = field(default=None, repr=False)
    excluded_diagnoses: tuple[str, ...] | None = field(default=None, repr=False)
