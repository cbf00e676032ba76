"""What all scores share: exact numbers, grades, and a result that names what it lacks.

Messages name the field and its range, never the value, which is patient data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from flexura.decision.bands import BandScheme, band_of
from flexura.errors import ScoreError

Number = Decimal | int | float


@dataclass(frozen=True)
class ScoreResult:
    """A score with its band; both are `None` when parts are `unknown`, which are then named.

    A score without published bands has no band and an empty scheme.
    """

    value: Decimal | None
    band: str | None
    scheme: str
    formula: str
    source: str
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """How a score is read: its formula and source as shown, and its bands where they were published."""

    formula: str
    source: str
    scheme: BandScheme | None = None

    @property
    def scheme_title(self) -> str:
        """Name and publication of the bands; empty where there are none."""
        return "" if self.scheme is None else self.scheme.title


def result_of(total: Decimal, reading: Reading) -> ScoreResult:
    """Put a score into its band.

    Parameters
    ----------
    total : Decimal
        The score.
    reading : Reading
        How it is read.

    Returns
    -------
    ScoreResult
        With value, and with a band where bands were published.
    """
    band = None if reading.scheme is None else band_of(total, reading.scheme)
    return ScoreResult(total, band, reading.scheme_title, reading.formula, reading.source)


def unknown_result(missing: Iterable[str], reading: Reading) -> ScoreResult:
    """Say which parts a score lacks.

    Parameters
    ----------
    missing : iterable of str
        Names of the parts.
    reading : Reading
        How the score would be read.

    Returns
    -------
    ScoreResult
        Without value and band.
    """
    return ScoreResult(None, None, reading.scheme_title, reading.formula, reading.source, tuple(missing))


def sum_of(parts: Mapping[str, Decimal | None], reading: Reading) -> ScoreResult:
    """Add the parts of a score up; one that is unknown leaves the score unknown.

    Parameters
    ----------
    parts : mapping of str to Decimal or None
        Points by name, each checked.
    reading : Reading
        How the sum is read.

    Returns
    -------
    ScoreResult
        Without a value if any part is unknown.
    """
    missing = tuple(name for name, points in parts.items() if points is None)
    if missing:
        return unknown_result(missing, reading)
    return result_of(sum((points for points in parts.values() if points is not None), Decimal(0)), reading)


def number(name: str, given: Number, *, highest: int) -> Decimal:
    """Take a number exactly as it was written.

    Parameters
    ----------
    name : str
        Of the field, for the message.
    given : Decimal, int or float
        0 to `highest`.
    highest : int
        End of the range.

    Returns
    -------
    Decimal

    Raises
    ------
    ScoreError
        If it is no number, or outside the range.
    """
    if isinstance(given, bool) or not isinstance(given, Decimal | int | float):
        raise ScoreError(f"{name} must be a number from 0 to {highest}")
    # Through the printed number: 0.1 is meant as a tenth, not as the binary fraction beside it.
    exact = Decimal(str(given))
    if not exact.is_finite() or not 0 <= exact <= highest:
        raise ScoreError(f"{name} is out of range: 0 to {highest}")
    return exact


def grade(name: str, given: Number | None, *, allowed: tuple[Decimal, ...]) -> Decimal | None:
    """Take a grade that must be one of those that its scale knows.

    Parameters
    ----------
    name : str
        Of the field, for the message.
    given : Decimal, int, float or None
        `None` is unknown.
    allowed : tuple of Decimal
        Rising.

    Returns
    -------
    Decimal or None

    Raises
    ------
    ScoreError
        If it is not one of the allowed grades.
    """
    if given is None:
        return None
    exact = number(name, given, highest=int(allowed[-1]))
    if exact not in allowed:
        raise ScoreError(f"{name} must be one of {', '.join(str(one) for one in allowed)}")
    return exact


def whole_grades(highest: int) -> tuple[Decimal, ...]:
    """The whole numbers from 0 to the highest grade.

    Parameters
    ----------
    highest : int
        At least 1.

    Returns
    -------
    tuple of Decimal
    """
    return tuple(Decimal(step) for step in range(highest + 1))


def refuse_strangers(kind: str, given: Iterable[str], *, known: tuple[str, ...]) -> None:
    """Refuse a name that the score does not have.

    Parameters
    ----------
    kind : str
        What the names are of, such as "SCORAD sign".
    given : iterable of str
        Names.
    known : tuple of str
        The names that there are.

    Raises
    ------
    ScoreError
        At the first stranger.
    """
    for name in given:
        if name not in known:
            raise ScoreError(f"{kind} {name!r} is unknown; expected {', '.join(known)}")
