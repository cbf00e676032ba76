"""What the picture alone said and what each part added, in one line for eczema and one for the first diagnosis."""

from collections.abc import Iterable, Mapping

from flexura.records import Assessment
from flexura.report.wording import percent

# Parts of `records.Contributions` in words.
PART_WORDS: Mapping[str, str] = {
    "age_years": "age",
    "sex": "sex",
    "itch": "itch",
    "duration_days": "duration",
    "skin_type": "skin type",
    "site": "site of the photo",
    "sites": "sites affected",
    "symptoms": "symptoms",
    "textures": "how it feels",
    "measurements": "measurements on the photo",
}


def points(added: float) -> str:
    """Write what was added to a probability in whole percentage points.

    Parameters
    ----------
    added : float
        From -1 to 1.

    Returns
    -------
    str
        With its sign; empty below half a point.

    Examples
    --------
    >>> points(0.046), points(-0.2), points(0.004)
    ('+5', '−20', '')
    """
    whole = round(100 * added)
    return f"{whole:+d}".replace("-", "−") if whole else ""


def contribution_lines(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    """Say what led from the picture to the answer.

    Parameters
    ----------
    assessment : Assessment
        The answer.

    Returns
    -------
    tuple[tuple[str, str], ...]
        Heading and words, in percentage points; empty where the contributions are unknown.
    """
    found = assessment.contributions
    if found is None:
        return ()
    eczema = [(PART_WORDS[each.part], each.eczema) for each in found.parts]
    first = [(PART_WORDS[each.part], each.first) for each in found.parts]
    answer = assessment.diagnosis
    return (
        ("Eczema, part by part", _sum(found.eczema_by_picture, eczema, answer.is_eczema.probability)),
        ("First diagnosis, part by part", _sum(found.first_by_picture, first, answer.ranking[0].probability)),
    )


def _sum(picture: float, parts: Iterable[tuple[str, float]], answer: float) -> str:
    """Largest part first; those that round to nothing are only named."""
    ranked = sorted(parts, key=lambda part: -abs(part[1]))
    telling = [f"{words} {points(added)}" for words, added in ranked if points(added)]
    silent = [words for words, added in ranked if not points(added)]
    steps = [f"{percent(picture)} by the picture alone", *telling]
    if silent:
        steps.append(f"less than half a point by {', '.join(silent)}")
    return f"{'; '.join(steps)}; {percent(answer)} in all"
