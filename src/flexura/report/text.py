"""The answer as one screen of text, 88 columns wide: what it is, how sure, how bad, how far to trust it."""

import textwrap
from collections.abc import Iterable

from flexura.records import (
    Assessment,
    CriteriaResult,
    Grade,
    PreprocessingStep,
    QualityReport,
    Reason,
    Recommendation,
)
from flexura.report.advice import RED_FLAGS_TITLE, Chapter, Topic, chapters, flag_words, guidance_gap, red_flags
from flexura.report.contributions import contribution_lines
from flexura.report.preparation import changes_picture, size_words, step_words
from flexura.report.wording import (
    DISCLAIMER,
    SIGN_WORDS,
    basis_words,
    decimal_range,
    eczema_words,
    familiarity_words,
    grade_range,
    limit_words,
    marked_codes,
    percent,
    percent_range,
    plain,
    region_words,
    shown_diagnoses,
    told_criteria,
    verdict_words,
    why_unknown,
)

WIDTH = 88
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEVELS = "▁▂▃▄▅▆▇█"
_NAME_WIDTH = 44
_IN_FULL = ("infection", "topical")
_MOST_DIAGNOSES = 8  # a larger prediction set would push the signs off the screen


def bar(fraction: float, width: int = 20) -> str:
    """Draw a fraction as a horizontal bar in steps of an eighth of a character.

    Parameters
    ----------
    fraction : float
        In [0, 1].
    width : int
        Characters of a full bar.

    Returns
    -------
    str
        At most `width` characters; at least the thinnest stroke for any fraction above 0.

    Examples
    --------
    >>> bar(0.5, width=4)
    '██'
    """
    eighths = max(round(fraction * width * 8), 1 if fraction > 0 else 0)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def spark(distribution: tuple[float, ...]) -> str:
    """Draw a distribution as one column per grade; a dot where a grade has under 2 %.

    Parameters
    ----------
    distribution : tuple[float, ...]
        Probabilities from grade 0 up.

    Returns
    -------
    str
        One character per grade, separated by blanks.

    Examples
    --------
    >>> spark((0.01, 0.3, 0.6, 0.09))
    '· ▃ ▅ ▁'
    """
    return " ".join("·" if share < 0.02 else _LEVELS[min(7, int(share * 8))] for share in distribution)


def write_answer(assessment: Assessment, *, diagnoses: int = 5) -> str:
    """Write an assessment for a terminal.

    Parameters
    ----------
    assessment : Assessment
        The answer on one photo.
    diagnoses : int
        Listed at least, as far as there are so many.

    Returns
    -------
    str
        Lines of at most `WIDTH` columns, without a final newline.
    """
    blocks = (
        write_flags(red_flags(assessment)).splitlines(),
        _abstention(assessment),
        _headline(assessment),
        _ranking(assessment, diagnoses),
        _contributions(assessment),
        _why(assessment),
        _criteria(assessment),
        _severity(assessment),
        _steps(step for step in assessment.preprocessing if step.step == "scale" or changes_picture(step)),
        _guidance(assessment),
        _trust(assessment),
        textwrap.wrap(DISCLAIMER, WIDTH),
    )
    return "\n\n".join("\n".join(block) for block in blocks if block)


def write_flags(flags: Iterable[Recommendation]) -> str:
    """Write red flags.

    Parameters
    ----------
    flags : Iterable[Recommendation]
        The most urgent first.

    Returns
    -------
    str
        Lines of at most `WIDTH` columns, without a final newline; empty without flags.
    """
    lines = _bullets(map(flag_words, flags))
    return "\n".join([RED_FLAGS_TITLE, *lines]) if lines else ""


def write_quality(report: QualityReport) -> str:
    """Write the quality checks as a table, and under it what to do about those that did not pass.

    Parameters
    ----------
    report : QualityReport
        Checks of one photo.

    Returns
    -------
    str
        Lines of at most `WIDTH` columns, without a final newline.
    """
    lines = [f"{'Quality':<22}{'value':>10}{'limit':>10}  unit"]
    for check in report.checks:
        verdict = "passed" if check.passed else f"{'FAILED' if check.gating else 'advice'}: {check.reason}"
        lines.append(
            f"  {plain(check.name):<20}{check.value:>10.3g}{limit_words(check):>10}  {check.unit:<22}{verdict}"
        )
    advice = [check.advice for check in report.checks if not check.passed]
    return "\n".join([*lines, *_bullets(advice)])


def write_steps(steps: Iterable[PreprocessingStep]) -> str:
    """Write what was found out about the picture, a line or two for each step.

    Parameters
    ----------
    steps : Iterable[PreprocessingStep]
        As recorded.

    Returns
    -------
    str
        Lines of at most `WIDTH` columns, without a final newline; empty without steps.
    """
    return "\n".join(_steps(steps))


def _steps(steps: Iterable[PreprocessingStep]) -> list[str]:
    return [
        line
        for heading, words in map(step_words, steps)
        for line in textwrap.wrap(words, WIDTH, initial_indent=f"{heading:<24}", subsequent_indent=" " * 24)
    ]


def write_reasons(reasons: Iterable[Reason]) -> str:
    """Write reasons as a list, each with its code.

    Parameters
    ----------
    reasons : Iterable[Reason]
        Why something was refused or should not be relied on.

    Returns
    -------
    str
        One wrapped item per reason.
    """
    return "\n".join(_bullets(f"{reason.message} [{reason.code}]" for reason in reasons))


def _bullets(items: Iterable[str]) -> list[str]:
    wrapped = (textwrap.wrap(item, WIDTH, initial_indent="  - ", subsequent_indent="    ") for item in items)
    return [line for lines in wrapped for line in lines]


def _abstention(assessment: Assessment) -> list[str]:
    if assessment.abstained is None:
        return []
    return ["DO NOT RELY ON THIS ANSWER", write_reasons(assessment.abstained.reasons)]


def _guidance(assessment: Assessment) -> list[str]:
    """Guidance in brief: what goes on the skin now, the rest by its topics; without any, the reason."""
    lines = [line for chapter in chapters(assessment) for line in _chapter(chapter)]
    gap = textwrap.wrap(guidance_gap(assessment), WIDTH, initial_indent="  ", subsequent_indent="  ")
    return ["Options of guidelines, for the clinician (in full: --report or --json)", *lines, *gap]


def _chapter(chapter: Chapter) -> list[str]:
    if chapter.kind not in _IN_FULL and sum(len(topic.lines) for topic in chapter.topics) > 1:
        return _bullets([f"{chapter.title}: {', '.join(_topic(topic, chapter) for topic in chapter.topics)}"])
    return _bullets(
        f"{topic.name}{' (they differ)' if topic.differ else ''}: {line.text} [{line.strength}; {_short(line.source)}]"
        for topic in chapter.topics
        for line in topic.lines
    )


def _topic(topic: Topic, chapter: Chapter) -> str:
    """The topic's name, with how many lines it has where the chapter bears the same name."""
    name = f"{len(topic.lines)} options" if topic.name == chapter.title else topic.name
    return f"{name} (they differ)" if topic.differ else name


def _short(source: str) -> str:
    """The publisher alone: sources read "publisher, what about"."""
    return source.partition(",")[0]


def _headline(assessment: Assessment) -> list[str]:
    first, eczema = assessment.diagnosis.ranking[0], assessment.diagnosis.is_eczema.probability
    return [
        f"{'Most likely':<20}{first.name}, {percent(first.probability)}",
        f"{'Eczema of any kind':<20}{percent(eczema)}, {eczema_words(eczema)}",
    ]


def _ranking(assessment: Assessment, limit: int) -> list[str]:
    diagnosis, chosen = assessment.diagnosis, assessment.diagnosis.prediction_set
    shown = shown_diagnoses(assessment, limit)[:_MOST_DIAGNOSES]
    marked = marked_codes(chosen)
    held = f"* = the {percent(chosen.coverage)} set: {len(marked)} of {len(diagnosis.ranking)}"
    basis = f"; {basis_words(chosen)}" if chosen.group else ""
    lines = [f"Diagnoses ({held}{basis})" if marked else f"Diagnoses (no {percent(chosen.coverage)} set{basis})"]
    for row in shown:
        mark = "*" if row.code in marked else " "
        name = textwrap.shorten(row.name, _NAME_WIDTH, placeholder="...")
        lines.append(f"{mark} {name:<{_NAME_WIDTH}}{percent(row.probability):>6}  {bar(row.probability, 30)}".rstrip())
    rest = [row for row in diagnosis.ranking if row not in shown]
    if rest:
        hidden = sum(row.code in marked for row in rest)
        words = f"{len(rest)} others together" + (f", {hidden} of them in the set" if hidden else "")
        lines.append(f"  {words:<{_NAME_WIDTH}}{percent(sum(row.probability for row in rest)):>6}")
    return lines


def _contributions(assessment: Assessment) -> list[str]:
    lines = [
        line
        for heading, words in contribution_lines(assessment)
        for line in textwrap.wrap(
            words, WIDTH, initial_indent=f"  {heading.partition(',')[0]:<17}", subsequent_indent=" " * 19
        )
    ]
    return ["From the picture to the answer, in percentage points", *lines] if lines else []


def _why(assessment: Assessment) -> list[str]:
    diagnosis = assessment.diagnosis
    first = diagnosis.ranking[0].name
    lines = [
        line
        for words, findings in (("For it", diagnosis.supporting), ("Against", diagnosis.opposing))
        if findings
        for line in textwrap.wrap(
            "; ".join(finding.text for finding in findings),
            WIDTH,
            initial_indent=f"  {words:<10}",
            subsequent_indent=" " * 12,
        )
    ]
    return [textwrap.shorten(f"Seen and told about {first}", WIDTH, placeholder="..."), *lines] if lines else []


def _criteria(assessment: Assessment) -> list[str]:
    told = told_criteria(assessment)
    lines = [f"  {result.name:<34}{_verdict(result)}" for result in told]
    return ["Criteria of atopic dermatitis, from what was told", *lines] if lines else []


def _verdict(result: CriteriaResult) -> str:
    words = verdict_words(result.met)
    return f"{words}; {len(result.questions)} questions left" if result.questions else words


def _severity(assessment: Assessment) -> list[str]:
    severity = assessment.severity
    lines = [f"{'Signs, 0 to 3':<24}{'expected':>9}  {'90 % range':<12}0 1 2 3 4"]
    lines += [_grade(SIGN_WORDS[name], grade) for name, grade in severity.signs.items()]
    lines.append(_grade("IGA, 0 to 4", severity.iga))
    size = assessment.area.lesion_size
    sized = [] if size is None else [f"{'':<24}{size_words(size)}"]
    return [*lines, _area(assessment), *sized, _region(assessment)]


def _grade(words: str, grade: Grade) -> str:
    return f"  {words:<22}{grade.expected:>9.1f}  {grade_range(grade.distribution):<12}{spark(grade.distribution)}"


def _area(assessment: Assessment) -> str:
    area, words = assessment.area, f"{'Affected area':<24}"
    if area.lesion_fraction_of_skin is None:
        return f"{words}unknown: {why_unknown(assessment, 'area')}"
    span = f" ({percent_range(area.interval)})" if area.interval else ""
    score = "" if area.easi_area_score is None else f", EASI area score {area.easi_area_score}"
    return f"{words}{percent(area.lesion_fraction_of_skin)} of the visible skin{span}{score}"


def _region(assessment: Assessment) -> str:
    score, words = assessment.severity.region_score, f"{'EASI of the region':<24}"
    if score.value is None:
        return f"{words}unknown: {why_unknown(assessment, 'severity.region_score.value')}"
    span = f" ({decimal_range(score.interval)})" if score.interval else ""
    return f"{words}{score.value:.1f} of 72{span}, {region_words(score)}, before the region's weight"


def _trust(assessment: Assessment) -> list[str]:
    photo, quality, model = assessment.photo, assessment.quality, assessment.model
    passed = sum(check.passed for check in quality.checks)
    error = assessment.confidence.expected_calibration_error
    calibration = "not calibrated" if error is None else f"calibrated, expected error {100 * error:.1f} points"
    return [
        f"{'Photo':<10}{photo.format} {photo.width} x {photo.height}; {passed} of {len(quality.checks)} checks passed",
        f"{'':<10}{familiarity_words(assessment.uncertainty.out_of_distribution)}",
        f"{'Certainty':<10}{calibration}; uncertainty {assessment.uncertainty.total:.2f} of 1",
        f"{'Model':<10}{model.name} {model.version}, sha256 {model.sha256[:12]}; weights: {model.weights_licence}",
    ]
