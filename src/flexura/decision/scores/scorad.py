"""SCORAD, its objective part, and the patient's own: extent, intensity of six signs, itch and sleep loss.

PO-SCORAD is the same formula on the patient's own reading. Exact decimals; unknown stays unknown.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from flexura.decision.bands import OBJECTIVE_SCORAD_BANDS, SCORAD_BANDS, ScoradBands
from flexura.decision.scores.parts import (
    Number,
    Reading,
    ScoreResult,
    grade,
    number,
    refuse_strangers,
    result_of,
    unknown_result,
    whole_grades,
)
from flexura.records import SIGN_NAMES

_SOURCE: Final = "ETFAD 1993, doi 10.1159/000247298; Oranje 2007, doi 10.1111/j.1365-2133.2007.08112.x"
_PO_SOURCE: Final = "Stalder 2011, doi 10.1111/j.1398-9995.2011.02577.x"
_FORMULA: Final = "0-103: extent / 5 + 7 x intensity / 2 + itch + sleep loss"
_OBJECTIVE_FORMULA: Final = "0-83: extent / 5 + 7 x intensity / 2"
_GRADES: Final = whole_grades(3)


def scorad(
    extent_percent: Number | None,
    intensities: Mapping[str, Number | None],
    *,
    itch: Number | None,
    sleep_loss: Number | None,
    bands: ScoradBands = "etfad_classic",
) -> ScoreResult:
    """SCORAD, 0-103: A/5 + 7B/2 + C.

    Parameters
    ----------
    extent_percent : Decimal, int, float or None
        A: affected share of the body by the rule of nines, 0-100.
    intensities : mapping of str to number or None
        B: the six signs of `SIGN_NAMES`, whole numbers 0-3; one that is left out is unknown.
    itch : Decimal, int, float or None
        C: 0-10, mean of the last three days.
    sleep_loss : Decimal, int, float or None
        C: 0-10, mean of the last three nights.
    bands : {"etfad_classic", "chopra_2017"}
        Which published severity bands to name.

    Returns
    -------
    ScoreResult
        Without a value if any part is unknown.

    Raises
    ------
    ScoreError
        If a sign is not one of the six, or a part is out of its range.

    References
    ----------
    European Task Force on Atopic Dermatitis 1993, doi 10.1159/000247298.

    Examples
    --------
    >>> signs = dict(zip(SIGN_NAMES, (2, 2, 2, 1, 1, 1)))
    >>> scorad(20, signs, itch=5, sleep_loss=3).value
    Decimal('43.5')
    """
    return _whole(
        extent_percent,
        intensities,
        {"itch": itch, "sleep_loss": sleep_loss},
        Reading(_FORMULA, _SOURCE, SCORAD_BANDS[bands]),
    )


def po_scorad(
    extent_percent: Number | None,
    intensities: Mapping[str, Number | None],
    *,
    itch: Number | None,
    sleep_loss: Number | None,
    bands: ScoradBands = "etfad_classic",
) -> ScoreResult:
    """Patient-Oriented SCORAD, 0-103: the formula of SCORAD on what the patient reads on their own skin.

    Parameters
    ----------
    extent_percent : Decimal, int, float or None
        A: affected share of the body as the patient marks it, 0-100.
    intensities : mapping of str to number or None
        B: the six signs of `SIGN_NAMES` as the patient grades them, whole numbers 0-3.
    itch : Decimal, int, float or None
        C: 0-10, over the time that its sheet names.
    sleep_loss : Decimal, int, float or None
        C: 0-10, over the time that its sheet names.
    bands : {"etfad_classic", "chopra_2017"}
        Bands of SCORAD; PO-SCORAD has none of its own.

    Returns
    -------
    ScoreResult
        Without a value if any part is unknown.

    Raises
    ------
    ScoreError
        If a sign is not one of the six, or a part is out of its range.

    References
    ----------
    Stalder et al. 2011, doi 10.1111/j.1398-9995.2011.02577.x.
    """
    return _whole(
        extent_percent,
        intensities,
        {"itch": itch, "sleep_loss": sleep_loss},
        Reading(_FORMULA, _PO_SOURCE, SCORAD_BANDS[bands]),
    )


def objective_scorad(extent_percent: Number | None, intensities: Mapping[str, Number | None]) -> ScoreResult:
    """Objective SCORAD, 0-83: A/5 + 7B/2.

    Parameters
    ----------
    extent_percent : Decimal, int, float or None
        A: affected share of the body by the rule of nines, 0-100.
    intensities : mapping of str to number or None
        B: the six signs of `SIGN_NAMES`, whole numbers 0-3; one that is left out is unknown.

    Returns
    -------
    ScoreResult
        Without a value if any part is unknown.

    Raises
    ------
    ScoreError
        If a sign is not one of the six, or a part is out of its range.

    References
    ----------
    Kunz et al. 1997, doi 10.1159/000245677.
    """
    total, unknown = _objective_part(extent_percent, intensities)
    reading = Reading(_OBJECTIVE_FORMULA, _SOURCE, OBJECTIVE_SCORAD_BANDS)
    return unknown_result(unknown, reading) if unknown else result_of(total, reading)


def _whole(
    extent_percent: Number | None,
    intensities: Mapping[str, Number | None],
    complaints: Mapping[str, Number | None],
    reading: Reading,
) -> ScoreResult:
    objective, unknown = _objective_part(extent_percent, intensities)
    points = {name: None if told is None else number(name, told, highest=10) for name, told in complaints.items()}
    unknown += tuple(name for name, told in points.items() if told is None)
    if unknown:
        return unknown_result(unknown, reading)
    return result_of(objective + sum((told for told in points.values() if told is not None), Decimal(0)), reading)


def _objective_part(
    extent_percent: Number | None, intensities: Mapping[str, Number | None]
) -> tuple[Decimal, tuple[str, ...]]:
    """A/5 + 7B/2 of the parts that are known, and the names of those that are not."""
    refuse_strangers("SCORAD sign", intensities, known=SIGN_NAMES)
    extent = None if extent_percent is None else number("extent_percent", extent_percent, highest=100)
    grades = {name: grade(name, intensities.get(name), allowed=_GRADES) for name in SIGN_NAMES}
    unknown = tuple(name for name, part in {"extent_percent": extent, **grades}.items() if part is None)
    intensity = sum((points for points in grades.values() if points is not None), Decimal(0))
    return (extent or Decimal(0)) / 5 + 7 * intensity / 2, unknown
