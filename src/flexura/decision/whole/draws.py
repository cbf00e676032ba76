"""Draws of EASI and objective SCORAD of the whole body from what photos show, at both bounds of what they do not.

One reading error per sign, and one of the area, is drawn for all photos together: a network that reads one
photo of a patient too high reads the others too high. That gives wider intervals than independent errors would.
The lower bound takes every part that is not known for clear, the upper one for wholly and severely affected.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from flexura.decision.area import drawn_fractions
from flexura.decision.calibration import AreaErrors
from flexura.decision.scores import EASI_REGIONS, EASI_SIGNS, Number, region_weights
from flexura.decision.scores.easi import EASI_AREA_STEPS
from flexura.decision.whole.body import Part
from flexura.records import SIGN_NAMES

Draws = npt.NDArray[np.float64]
Bound = Literal["low", "high"]

DRAWS: Final = 4000
HIGHEST_EASI, HIGHEST_OBJECTIVE_SCORAD = 72.0, 83.0
_AREA_STEPS: Final = np.array(EASI_AREA_STEPS) / 100
_WORST_GRADE: Final = 3.0
# Dryness is judged on skin without lesions (ETFAD 1993), so it is not weighed by them.
_OF_ALL_SKIN: Final = "dryness"


@dataclass(frozen=True)
class SeenPhoto:
    """What one photo gives: its site, the distribution of each sign over 0-3, the affected fraction of its skin."""

    site: str | None = field(repr=False)
    signs: Mapping[str, tuple[float, ...]] = field(repr=False)
    fraction: float = field(repr=False)


@dataclass(frozen=True)
class Chance:
    """The luck of all draws: of each sign (6, N) and of the area (N,) in [0, 1); of reading, standard normal (N,)."""

    signs: Draws = field(repr=False)
    area: Draws = field(repr=False)
    reading: Draws = field(repr=False)


@dataclass(frozen=True)
class Read:
    """Draws of one photo: affected fraction (N,) in [0, 1] and grades 0-3 of the six signs (6, N)."""

    fraction: Draws = field(repr=False)
    grades: Draws = field(repr=False)


def draw_chance(generator: np.random.Generator, count: int = DRAWS) -> Chance:
    """Draw the luck of one visit.

    Parameters
    ----------
    generator : numpy.random.Generator
        The only source of randomness.
    count : int
        Number of draws.

    Returns
    -------
    Chance
    """
    return Chance(generator.random((len(SIGN_NAMES), count)), generator.random(count), generator.standard_normal(count))


def read_photo(photo: SeenPhoto, errors: AreaErrors, chance: Chance) -> Read:
    """Draw what one photo may truly show.

    Parameters
    ----------
    photo : SeenPhoto
        As the network read it.
    errors : AreaErrors
        Of the calibration.
    chance : Chance
        Of the visit.

    Returns
    -------
    Read
    """
    steps = [np.cumsum(photo.signs[name])[:-1] for name in SIGN_NAMES]
    grades = [np.searchsorted(rising, luck, side="right") for rising, luck in zip(steps, chance.signs, strict=True)]
    fraction = drawn_fractions(photo.fraction, errors, chance=chance.area)
    return Read(fraction, np.stack(grades).astype(np.float64))


def easi_draws(parts: Iterable[Part], reads: Sequence[Read], *, age_years: Number, bound: Bound) -> Draws:
    """Draws of EASI.

    Parameters
    ----------
    parts : iterable of Part
        All parts of the body; their photos are places in `reads`.
    reads : sequence of Read
        At least one.
    age_years : Decimal, int or float
        0-120, for the weights.
    bound : {"low", "high"}
        What is taken of parts that are not known.

    Returns
    -------
    array (N,) of float64
        In [0, 72], without reading error.

    Raises
    ------
    ScoreError
        If the age is out of its range.

    References
    ----------
    Hanifin et al. 2001, doi 10.1034/j.1600-0625.2001.100102.x; Hanifin et al. 2022, PMC9154300.
    """
    known, weights = tuple(parts), region_weights(age_years)
    regions = (
        float(weights[name]) * _region_draws([part for part in known if part.region == name], reads, bound)
        for name in EASI_REGIONS
    )
    whole: Draws = np.sum(list(regions), axis=0)
    return whole


def _region_draws(parts: Sequence[Part], reads: Sequence[Read], bound: Bound) -> Draws:
    area, intensity = _pooled(parts, reads, bound)
    area /= sum(part.share for part in parts)
    signs = [intensity[SIGN_NAMES.index(name)] for name in EASI_SIGNS]
    # Rounded: ten per cent of a sum of shares must count as ten.
    steps = np.searchsorted(_AREA_STEPS, np.round(area, 9), side="right")
    scores = np.where(area > 0, 1 + steps, 0) * sum(half_points(sign) for sign in signs)
    # Told to be affected: at least one mild sign of the smallest area.
    told = any(part.state == "affected" for part in parts)
    return np.maximum(scores, 1.0) if told else scores


def half_points(mean: Draws) -> Draws:
    """Round a mean grade to the grades of EASI: half points between 1 and 3, and 1 for any sign that is there.

    Parameters
    ----------
    mean : array (...)
        0-3.

    Returns
    -------
    array (...) of float64

    References
    ----------
    Hanifin et al. 2022, PMC9154300.

    Examples
    --------
    >>> half_points(np.array([0.0, 0.2, 1.2, 1.25, 2.8])).tolist()
    [0.0, 1.0, 1.0, 1.5, 3.0]
    """
    # A mean of weighted means misses a whole number by rounding.
    exact = np.round(mean, 9)
    return np.where(exact <= 0, 0.0, np.maximum(np.floor(2 * exact + 0.5) / 2, 1.0))


def objective_scorad_draws(parts: Iterable[Part], reads: Sequence[Read], *, bound: Bound) -> Draws:
    """Draws of objective SCORAD; its representative intensity is that of all photos.

    Parameters
    ----------
    parts : iterable of Part
        All parts of the body; their photos are places in `reads`.
    reads : sequence of Read
        At least one.
    bound : {"low", "high"}
        What is taken of the extent of parts that are not known.

    Returns
    -------
    array (N,) of float64
        In [0, 83].

    References
    ----------
    European Task Force on Atopic Dermatitis 1993, doi 10.1159/000247298.
    """
    known = tuple(parts)
    extent, _ = _pooled(known, reads, bound)
    _, intensity = _pooled([part for part in known if part.state == "seen"], reads, "low")
    intensity[SIGN_NAMES.index(_OF_ALL_SKIN)] = np.mean(
        [read.grades[SIGN_NAMES.index(_OF_ALL_SKIN)] for read in reads], axis=0
    )
    whole: Draws = 20 * extent + 3.5 * np.floor(np.round(intensity, 9) + 0.5).sum(axis=0)
    return whole


def _pooled(parts: Iterable[Part], reads: Sequence[Read], bound: Bound) -> tuple[Draws, Draws]:
    """Affected share of the body (N,) and mean grades of what is affected (6, N); 0 where nothing is."""
    area, graded = np.zeros_like(reads[0].fraction), np.zeros_like(reads[0].grades)
    for part in parts:
        if part.state == "seen":
            of_part = [reads[index] for index in part.photos]
            weight = part.share / len(of_part)
            area = area + weight * sum(read.fraction for read in of_part)
            graded = graded + weight * sum(read.fraction * read.grades for read in of_part)
        elif part.state != "clear" and bound == "high":
            area, graded = area + part.share, graded + part.share * _WORST_GRADE
    mean: Draws = np.divide(graded, area, out=np.zeros_like(graded), where=area > 0)
    return area, mean
