"""One visit: EASI and objective SCORAD of the whole body, with an interval that says what it is made of.

The interval covers what the model may misread, what no photo shows, and the reading error that experts have with
photos too. The photos are taken to show their part of the body as it is; the disease to be eczema.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np

from flexura.decision.bands import EASI_BANDS, OBJECTIVE_SCORAD_BANDS, BandScheme, band_of
from flexura.decision.calibration import AreaErrors
from flexura.decision.whole.body import PAIRED, SIDES, Part, map_body, parts_of_site
from flexura.decision.whole.draws import (
    HIGHEST_EASI,
    HIGHEST_OBJECTIVE_SCORAD,
    Bound,
    Chance,
    Draws,
    SeenPhoto,
    easi_draws,
    objective_scorad_draws,
    read_photo,
)
from flexura.records import Interval, NotCovered, PatientContext

COVERAGE: Final = 0.9
# Standard error of EASI read from photos by experts: Ragamin et al. 2023, JAAD Int 13:184-191.
EASI_SEM: Final = 4.31
EASI_SEM_SOURCE: Final = "Ragamin 2023, JAAD Int 13:184-191"
BOUNDS: Final[tuple[Bound, Bound]] = ("low", "high")
_NORMAL_90: Final = 1.6449  # half the width of the central 90 % of a normal distribution


@dataclass(frozen=True)
class Spread:
    """Width in points of what an interval is made of; `None` where it was never published."""

    model: float
    not_photographed: float
    reading: float | None


@dataclass(frozen=True)
class BodyScore:
    """A score of the whole body: no value where a part of the body is not known, but always bounds.

    `interval` has a coverage of 90 %; `bands` are those of its two ends.
    """

    value: float | None = field(repr=False)
    interval: Interval = field(repr=False)
    band: str | None = field(repr=False)
    bands: tuple[str, str] = field(repr=False)
    scheme: str
    spread: Spread


@dataclass(frozen=True)
class NextPhoto:
    """The photo that can lower the upper end of EASI most, by so many points if it shows clear skin."""

    part: str
    lowers_by: float


@dataclass(frozen=True)
class VisitReading:
    """The whole patient on one day; `draws` of EASI with reading error where every part of the body is known."""

    day: date | None = field(repr=False)
    parts: tuple[Part, ...] = field(repr=False)
    easi: BodyScore | None
    objective_scorad: BodyScore | None
    next_photo: NextPhoto | None
    not_covered: tuple[NotCovered, ...]
    draws: Draws | None = field(default=None, repr=False)
    poem: int | None = field(default=None, repr=False)  # as it was told at the visit


NO_AGE: Final = NotCovered("easi", "The age was not told; weights and shares of the body depend on it.")
NO_PLACE: Final = NotCovered("easi", "No photo with a measured area has a site that names a part of the body.")
ASSUMED: Final = (
    NotCovered(
        "easi.interval", "Photos are taken to show their part of the body as it is, and the disease to be eczema."
    ),
    NotCovered("objective_scorad.spread.reading", "No reading error of objective SCORAD from photos is at hand."),
)
BOUNDS_ONLY: Final = NotCovered(
    "easi.value", "Parts of the body are on no photo and were not told to be clear: bounds only."
)


def read_visit(
    photos: Sequence[SeenPhoto], context: PatientContext, *, day: date | None, errors: AreaErrors, chance: Chance
) -> VisitReading:
    """Score the whole body from the photos of one visit.

    Parameters
    ----------
    photos : sequence of SeenPhoto
        Those that could be assessed and whose area could be measured.
    context : PatientContext
        Age and, where they were told, all affected sites.
    day : date or None
        Of the visit.
    errors : AreaErrors
        Of the calibration of the model that read the photos.
    chance : Chance
        Luck of the draws.

    Returns
    -------
    VisitReading
        Without scores, and with the reason, where the age or every place is unknown.
    """
    placed = [photo for photo in photos if parts_of_site(photo.site)]
    if context.age_years is None or not placed:
        reason = NO_AGE if context.age_years is None else NO_PLACE
        gaps = (reason, replace(reason, field="objective_scorad"))
        return VisitReading(day, (), None, None, None, gaps, poem=context.poem)
    parts = map_body([photo.site for photo in placed], context, context.age_years)
    reads = [read_photo(photo, errors, chance) for photo in placed]
    age = context.age_years
    bounds = [easi_draws(parts, reads, age_years=age, bound=bound) for bound in BOUNDS]
    complete = all(part.state in ("seen", "clear") for part in parts)
    easi = _score(
        bounds, EASI_BANDS["leshem_2015"], complete=complete, highest=HIGHEST_EASI, error=EASI_SEM * chance.reading
    )
    extents = [objective_scorad_draws(parts, reads, bound=bound) for bound in BOUNDS]
    scorad = _score(extents, OBJECTIVE_SCORAD_BANDS, complete=complete, highest=HIGHEST_OBJECTIVE_SCORAD, error=None)
    return VisitReading(
        day=day,
        parts=parts,
        easi=easi,
        objective_scorad=scorad,
        next_photo=_next_photo(parts, lambda known: easi_draws(known, reads, age_years=age, bound="high")),
        not_covered=ASSUMED if complete else (BOUNDS_ONLY, *ASSUMED),
        draws=bounds[0] + EASI_SEM * chance.reading if complete else None,
        poem=context.poem,
    )


def _score(
    bounds: Sequence[Draws], scheme: BandScheme, *, complete: bool, highest: float, error: Draws | None
) -> BodyScore:
    low, high = bounds
    noise = 0.0 if error is None else error
    tail = (1 - COVERAGE) / 2
    ends = (float(np.quantile(low + noise, tail)), float(np.quantile(high + noise, 1 - tail)))
    interval = (min(max(ends[0], 0.0), highest), min(max(ends[1], 0.0), highest))
    value = float(low.mean()) if complete else None
    if value is not None:
        interval = (min(interval[0], value), max(interval[1], value))
    model = float(np.quantile(low, 1 - tail) - np.quantile(low, tail))
    reading = None if error is None else 2 * _NORMAL_90 * EASI_SEM
    return BodyScore(
        value=value,
        interval=interval,
        band=None if value is None else _band(value, scheme),
        bands=(_band(interval[0], scheme), _band(interval[1], scheme)),
        scheme=scheme.title,
        spread=Spread(model, float((high - low).mean()), reading),
    )


def _band(value: float, scheme: BandScheme) -> str:
    return band_of(Decimal(str(round(value, 6))), scheme)


def _next_photo(parts: Sequence[Part], upper: Callable[[Sequence[Part]], Draws]) -> NextPhoto | None:
    """Try every part that is not known: the upper end falls most where the largest one turns out to be clear."""
    now = upper(parts).mean()
    names = {_both_sides(part.name): None for part in parts if part.state in ("affected", "unknown")}
    falls = {
        name: float(now - upper([_cleared(part) if _both_sides(part.name) == name else part for part in parts]).mean())
        for name in names
    }
    best = max(falls, key=lambda name: falls[name], default=None)
    return None if best is None else NextPhoto(best, falls[best])


def _cleared(part: Part) -> Part:
    return part if part.state == "seen" else replace(part, state="clear")


def _both_sides(name: str) -> str:
    """The part without its side: one photo can hold both."""
    side, _, rest = name.partition("_")
    return rest if side in SIDES and rest in PAIRED else name
