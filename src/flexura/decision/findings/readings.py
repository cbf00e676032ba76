"""How one thing is read: a measured feature, a graded sign, the affected share, or an answer of the context.

Each kind of reading says what it reads from and by which limits, and gives present, absent or, as `None`,
that it cannot be told. Between the two limits lies what could be either.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from flexura.records import Area, Grade, PatientContext

# A sign is there from four to one for it, and not there from four to one against it. Ours.
PRESENT_SHARE: Final = 0.8
ABSENT_SHARE: Final = 0.2


@dataclass(frozen=True)
class Seen:
    """All that a finding may be read from; features by name, NaN where not measurable, none where not measured."""

    features: Mapping[str, float]
    signs: Mapping[str, Grade]
    area: Area
    context: PatientContext = field(repr=False)


class Reading(Protocol):
    """One way to see whether something is there."""

    @property
    def names(self) -> tuple[str, ...]:
        """Features, signs or fields that it reads from."""

    @property
    def limits(self) -> str:
        """From where on it is present, and from where on absent, with units."""

    def read(self, seen: Seen) -> bool | None:
        """Say whether it is there; `None` where it cannot be told."""


@dataclass(frozen=True)
class Measured:
    """A feature against two limits in its unit; the larger one gives the direction.

    An infinite `absent_from` means that absence is never told from it.
    """

    feature: str
    unit: str
    present_from: float
    absent_from: float

    @property
    def names(self) -> tuple[str, ...]:
        """The feature."""
        return (self.feature,)

    @property
    def limits(self) -> str:
        """Both limits with their unit."""
        reached, kept = ("≥", "≤") if self.present_from > self.absent_from else ("≤", "≥")
        absent = "absence never told" if math.isinf(self.absent_from) else f"absent {kept} {self.absent_from:g}"
        return f"{self.feature} {reached} {self.present_from:g} {self.unit}; {absent}"

    def read(self, seen: Seen) -> bool | None:
        """Compare the feature with its limits; what was not measured cannot be told."""
        value = seen.features.get(self.feature, math.nan)
        if math.isnan(value):
            return None
        direction = 1 if self.present_from > self.absent_from else -1
        if direction * value >= direction * self.present_from:
            return True
        return False if direction * value <= direction * self.absent_from else None


@dataclass(frozen=True)
class Graded:
    """A sign (0-3) that is there from a grade on, told from the network's distribution of grades."""

    sign: str
    least: int

    @property
    def names(self) -> tuple[str, ...]:
        """The sign."""
        return (self.sign,)

    @property
    def limits(self) -> str:
        """The grade, and how likely it must be."""
        return f"{self.sign} grade {self.least} or more: probability ≥ {PRESENT_SHARE:g}; absent ≤ {ABSENT_SHARE:g}"

    def read(self, seen: Seen) -> bool | None:
        """Add up the grades from the least one on."""
        share = sum(seen.signs[self.sign].distribution[self.least :])
        if share >= PRESENT_SHARE:
            return True
        return False if share <= ABSENT_SHARE else None


@dataclass(frozen=True)
class Affected:
    """The affected share of the visible skin, told from its whole 90 % interval."""

    present_from: float
    absent_below: float

    @property
    def names(self) -> tuple[str, ...]:
        """The area's field of the answer."""
        return ("area",)

    @property
    def limits(self) -> str:
        """Both limits."""
        return f"whole 90 % interval of the area ≥ {self.present_from:g} of the skin; absent < {self.absent_below:g}"

    def read(self, seen: Seen) -> bool | None:
        """Compare the interval with the limits."""
        if seen.area.interval is None:
            return None
        low, high = seen.area.interval
        if low >= self.present_from:
            return True
        return False if high < self.absent_below else None


@dataclass(frozen=True)
class Told:
    """An answer of the patient's context; an unknown field cannot be told."""

    names: tuple[str, ...]
    limits: str
    ask: Callable[[PatientContext], bool | None]

    def read(self, seen: Seen) -> bool | None:
        """Ask the context."""
        return self.ask(seen.context)


@dataclass(frozen=True)
class Row:
    """One finding: stable code, words for present and for absent, how it is read, and why by these limits."""

    code: str
    present: str
    absent: str
    readings: tuple[Reading, ...]
    source: str

    def read(self, seen: Seen) -> bool | None:
        """Say whether it is there: all readings that can tell must agree."""
        return agreed(reading.read(seen) for reading in self.readings)


def agreed(answers: Iterable[bool | None]) -> bool | None:
    """Join several readings of the same thing.

    Parameters
    ----------
    answers : iterable of bool | None
        `None` are those that cannot tell.

    Returns
    -------
    bool | None
        What all that can tell say; `None` where they contradict each other or none can.

    Examples
    --------
    >>> agreed([True, None]), agreed([True, False]), agreed([None])
    (True, None, None)
    """
    known = {answer for answer in answers if answer is not None}
    return known.pop() if len(known) == 1 else None
