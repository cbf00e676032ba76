"""Words and figures that the terminal answer and the HTML page share.

A number is rounded here and nowhere else. Ranges are central: half of what is left out lies on each side.
"""

from collections.abc import Mapping
from itertools import accumulate

from flexura.records import (
    Assessment,
    CriteriaResult,
    Interval,
    OutOfDistribution,
    PredictionSet,
    QualityCheck,
    RankedDiagnosis,
    RegionScore,
)

DISCLAIMER = (
    "Decision support for research and for clinicians. It is not a medical device and not a diagnosis: "
    "the clinician who sees the patient decides."
)
RANGE_COVERAGE = 0.9  # the coverage of every interval in the assessment document

SIGN_WORDS: Mapping[str, str] = {
    "erythema": "Erythema (redness)",
    "oedema_papulation": "Oedema, papulation",
    "excoriation": "Excoriation",
    "lichenification": "Lichenification",
    "oozing_crusting": "Oozing, crusting",
    "dryness": "Dryness, scaling",
}

REGION_WORDS: Mapping[str, str] = {
    "head_neck": "head and neck",
    "upper_limbs": "upper limbs",
    "trunk": "trunk",
    "lower_limbs": "lower limbs",
}


# Groups of `decision.tone_groups`, as words after "photos of".
TONE_WORDS: Mapping[str, str] = {
    "light": "light skin",
    "tan": "tan skin",
    "brown_or_dark": "brown or dark skin",
    "unmeasured": "skin of unmeasured tone",
}


def limit_words(check: QualityCheck) -> str:
    """Write the limit of a quality check with the side that passes.

    Parameters
    ----------
    check : QualityCheck
        One measured property.

    Returns
    -------
    str
        Such as "≥ 0.72" for a floor and "≤ 9" for a ceiling, to three figures.
    """
    sign = {"at_least": "≥", "at_most": "≤"}[check.bound]
    return f"{sign} {check.threshold:.3g}"


def plain(name: str) -> str:
    """Turn a field's name into words.

    Parameters
    ----------
    name : str
        Such as "skin_coverage".

    Returns
    -------
    str
        Such as "skin coverage".
    """
    return name.replace("_", " ")


def percent(fraction: float) -> str:
    """Write a fraction as a whole percentage that never claims certainty.

    Parameters
    ----------
    fraction : float
        In [0, 1].

    Returns
    -------
    str
        Such as "71 %"; what would round to 0 or 100 and is neither is "<1 %" or ">99 %".

    Examples
    --------
    >>> percent(0.714), percent(0.004), percent(0.0), percent(0.999)
    ('71 %', '<1 %', '0 %', '>99 %')
    """
    figure = f"{100 * fraction:.0f}"
    if figure == "0" and fraction > 0:
        return "<1 %"
    if figure == "100" and fraction < 1:
        return ">99 %"
    return f"{figure} %"


def percent_range(interval: Interval) -> str:
    """Write an interval of fractions.

    Parameters
    ----------
    interval : Interval
        Low and high end, each in [0, 1].

    Returns
    -------
    str
        Such as "12 to 37 %".
    """
    return f"{100 * interval[0]:.0f} to {100 * interval[1]:.0f} %"


def decimal_range(interval: Interval) -> str:
    """Write an interval of scores.

    Parameters
    ----------
    interval : Interval
        Low and high end.

    Returns
    -------
    str
        Such as "2.0 to 9.6".
    """
    return f"{interval[0]:.1f} to {interval[1]:.1f}"


def grade_range(distribution: tuple[float, ...], coverage: float = RANGE_COVERAGE) -> str:
    """Write the grades that are left when at most half of 1 - coverage is cut off on each side.

    Parameters
    ----------
    distribution : tuple[float, ...]
        Probability of each grade from 0 up, summing to 1.
    coverage : float
        In (0, 1).

    Returns
    -------
    str
        Such as "1 to 3", or "2" when one grade is left.

    Examples
    --------
    >>> grade_range((0.04, 0.26, 0.50, 0.20))
    '1 to 3'
    """
    tail = (1 - coverage) / 2
    low = _first_over(distribution, tail)
    high = len(distribution) - 1 - _first_over(distribution[::-1], tail)
    return f"{low}" if low >= high else f"{low} to {high}"


def _first_over(distribution: tuple[float, ...], tail: float) -> int:
    sums = list(accumulate(distribution))
    return next((grade for grade, total in enumerate(sums) if total > tail + 1e-6), len(sums) - 1)


def region_words(score: RegionScore) -> str:
    """Name the region that a score is of.

    Parameters
    ----------
    score : RegionScore
        Of the one region seen.

    Returns
    -------
    str
        Such as "upper limbs", or that it is unknown.
    """
    return "region unknown" if score.region is None else REGION_WORDS[score.region]


def eczema_words(probability: float) -> str:
    """Say on which side of one half the probability of eczema lies.

    Parameters
    ----------
    probability : float
        In [0, 1].

    Returns
    -------
    str
        A phrase without a number.
    """
    return "more likely than not" if probability >= 0.5 else "less likely than not"


def familiarity_words(distance: OutOfDistribution) -> str:
    """Say whether the photo resembles those the network learned from.

    Parameters
    ----------
    distance : OutOfDistribution
        Score in [0, 1] with its threshold.

    Returns
    -------
    str
        A sentence with both numbers.
    """
    verdict = (
        "unlike the photos the model was made with" if distance.flag else "like the photos the model was made with"
    )
    return f"{verdict} (score {distance.score:.2f}, flagged from {distance.threshold:.2f})"


def shown_diagnoses(assessment: Assessment, limit: int) -> tuple[RankedDiagnosis, ...]:
    """Choose the diagnoses to list: the most likely ones, and never fewer than the prediction set.

    Parameters
    ----------
    assessment : Assessment
        The answer.
    limit : int
        How many to list when the prediction set is smaller.

    Returns
    -------
    tuple[RankedDiagnosis, ...]
        By falling probability.
    """
    diagnosis, inside = assessment.diagnosis, marked_codes(assessment.diagnosis.prediction_set)
    return tuple(row for rank, row in enumerate(diagnosis.ranking) if rank < limit or row.code in inside)


def marked_codes(chosen: PredictionSet) -> frozenset[str]:
    """Choose the codes to mark as those of the prediction set.

    Parameters
    ----------
    chosen : PredictionSet
        Of an answer.

    Returns
    -------
    frozenset[str]
        None where the set holds every code for want of cases: a mark on all of them says nothing.
    """
    return frozenset(chosen.codes) if chosen.group is None or chosen.group.enough else frozenset()


def basis_words(chosen: PredictionSet) -> str:
    """Write which held-out photos a prediction set rests on.

    Parameters
    ----------
    chosen : PredictionSet
        Of an answer.

    Returns
    -------
    str
        The group and its number of photos, and how many it takes where these are too few.

    Examples
    --------
    >>> from flexura.records import CalibrationGroup
    >>> basis_words(PredictionSet(0.9, ("acne",), CalibrationGroup("tan", 65, 9)))
    '65 held-out photos of tan skin'
    """
    group = chosen.group
    if group is None:
        return "held-out photos of all skin tones together"
    photos = f"{group.cases} held-out photos of {TONE_WORDS[group.name]}"
    return photos if group.enough else f"{photos}, {group.cases_needed} are needed"


def told_criteria(assessment: Assessment) -> tuple[CriteriaResult, ...]:
    """Choose the sets of diagnostic criteria of which anything was told.

    Parameters
    ----------
    assessment : Assessment
        The answer.

    Returns
    -------
    tuple[CriteriaResult, ...]
        In the order of the answer.
    """
    sets = assessment.criteria.values()
    return tuple(result for result in sets if any(one.met is not None for one in result.criteria))


def verdict_words(met: bool | None) -> str:
    """Say whether criteria are met.

    Parameters
    ----------
    met : bool | None
        `None` cannot be told.

    Returns
    -------
    str
        A phrase.
    """
    return {True: "met", False: "not met", None: "cannot be told"}[met]


def why_unknown(assessment: Assessment, field: str) -> str:
    """Find why a field of the assessment is unknown.

    Parameters
    ----------
    assessment : Assessment
        The answer.
    field : str
        Path of the field in the document, such as "severity.easi".

    Returns
    -------
    str
        The reason given for the field, for a part of it or for what it is part of.
    """
    related = [gap.reason for gap in assessment.not_covered if _related(gap.field, field)]
    return related[0] if related else "no reason was recorded"


def _related(given: str, wanted: str) -> bool:
    return given == wanted or given.startswith(wanted + ".") or wanted.startswith(given + ".")
