"""The whole patient as text, 88 columns wide, and as one HTML page that loads nothing from anywhere.

No photo is shown, and photos are named by their number. A direction of change is named only where it lies beyond
the measurement error.
"""

import textwrap
from datetime import date, datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from flexura import __version__
from flexura.decision.whole.body import SIDES, regions_by_state
from flexura.decision.whole.change import IMPORTANT_CHANGE, SMALLEST_DETECTABLE, Change
from flexura.decision.whole.course import LONGEST_GAP_DAYS, Course
from flexura.decision.whole.document import PatientReading, PhotoNote
from flexura.decision.whole.visit import BodyScore, VisitReading
from flexura.report.advice import RED_FLAGS_TITLE, flag_words, red_flags_by_photo
from flexura.report.sides import SIDES_NOTE, hint_words, pair_lines, pair_words
from flexura.report.wording import DISCLAIMER, REGION_WORDS, decimal_range, percent, plain

WIDTH: Final = 88
_SPREAD_WORDS: Final = {
    "model": "what the model may misread",
    "not_photographed": "parts on no photo",
    "reading": "reading photos, as experts err",
}


def write_patient(patient: PatientReading) -> str:
    """Write a patient for a terminal.

    Parameters
    ----------
    patient : PatientReading
        All photos of one patient.

    Returns
    -------
    str
        Lines of at most `WIDTH` columns, without a final newline.
    """
    blocks = [_red_flags(patient)]
    blocks += [_visit(number, reading, patient) for number, reading in enumerate(patient.visits, start=1)]
    blocks += [[line for words in _changes(patient) for line in _wrapped(words, "  - ")]]
    blocks += [_sides(patient)]
    blocks += [[line for words in course_words(patient.course) for line in _wrapped(words, "  ")]]
    blocks += [textwrap.wrap(DISCLAIMER, WIDTH)]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def render_patient(patient: PatientReading, *, written_at: datetime) -> str:
    """Write a patient as an HTML page.

    Parameters
    ----------
    patient : PatientReading
        All photos of one patient.
    written_at : datetime
        Time of the report, with its zone.

    Returns
    -------
    str
        A complete UTF-8 page, printable on A4.
    """
    environment = Environment(
        loader=PackageLoader("flexura.report", package_path=""), autoescape=True, undefined=StrictUndefined
    )
    environment.filters.update(plain=plain, day=day_words, percent=percent)
    return environment.get_template("patient.html").render(
        software_version=__version__,
        written_at=f"{written_at:%Y-%m-%d %H:%M %Z}".strip(),
        disclaimer=DISCLAIMER,
        patient=patient,
        visits=[_page_visit(reading) for reading in patient.visits],
        photos=[_page_photo(note) for note in patient.photos],
        gaps=list(dict.fromkeys(gap.reason for reading in patient.visits for gap in reading.not_covered)),
        red_flags=_flags(patient),
        changes=_changes(patient),
        sides=[pair_words(pair) for pair in patient.sides],
        sides_hints=hint_words(patient.sides),
        sides_note=SIDES_NOTE,
        course=course_words(patient.course),
        smallest_detectable=f"{SMALLEST_DETECTABLE:.1f}",
        important_change=f"{IMPORTANT_CHANGE:g}",
    )


def score_words(score: BodyScore | None) -> str:
    """Say a score of the whole body.

    Parameters
    ----------
    score : BodyScore or None
        `None` is unknown.

    Returns
    -------
    str
        Value and band with the interval, or the bounds alone.
    """
    if score is None:
        return "unknown"
    bands = score.bands[0] if score.bands[0] == score.bands[1] else f"{score.bands[0]} to {score.bands[1]}"
    if score.value is None:
        return f"between {score.interval[0]:.1f} and {score.interval[1]:.1f} ({bands})"
    return f"{score.value:.1f} ({score.band}), 90 % range {decimal_range(score.interval)} ({bands})"


def change_words(change: Change) -> str:
    """Say a change of EASI, with a direction only beyond the measurement error.

    Parameters
    ----------
    change : Change
        Between two visits.

    Returns
    -------
    str
        One or more sentences.
    """
    between = f"EASI from {day_words(change.first)} to {day_words(change.later)}:"
    if change.difference is None or change.interval is None:
        return f"{between} cannot be compared, because not every part of the body is known at both visits."
    span = f"95 % range {change.interval[0]:+.1f} to {change.interval[1]:+.1f}"
    if change.verdict == "within_error":
        return f"{between} no change beyond the measurement error ({span})."
    figures = f"{between} {change.verdict} by {abs(change.difference):.1f} points ({span})."
    reached = [f"EASI-{share}" for share, held in change.responses if held]
    important = f" At least the important change of {IMPORTANT_CHANGE:g} points." if change.important else ""
    return figures + important + (f" Reached {reached[-1]}." if reached else "")


def poem_words(change: Change) -> str | None:
    """Say a change of POEM, with a direction only beyond the measurement error; `None` where it was not told twice.

    Parameters
    ----------
    change : Change
        Between two visits.

    Returns
    -------
    str or None
        One sentence.
    """
    if change.poem is None:
        return None
    between = f"POEM from {day_words(change.first)} to {day_words(change.later)}:"
    if change.poem.verdict == "within_error":
        return f"{between} no change beyond the measurement error."
    way = "fell" if change.poem.difference < 0 else "rose"
    return f"{between} {way} by {abs(change.poem.difference)} points, {plain(change.poem.verdict)}."


def _changes(patient: PatientReading) -> list[str]:
    told = [words for change in patient.changes for words in (change_words(change), poem_words(change))]
    return [words for words in told if words]


def course_words(course: Course | None) -> list[str]:
    """Say how long the patient stayed in each band of EASI.

    Parameters
    ----------
    course : Course or None
        Between the first and the last dated visit.

    Returns
    -------
    list of str
        A line for each band that may have held any time, and one for what is not known; empty without a course.
    """
    if course is None:
        return []
    lines = [
        f"{one.band}: {one.days:.0f} days, 90 % range {one.interval[0]:.0f} to {one.interval[1]:.0f}"
        for one in course.bands
        if one.interval[1] >= 1
    ]
    known = (
        f"Time in bands of EASI, {course.days_known} days, by straight lines between visits; flares between them are "
    )
    title = [known + "not seen."] if lines else []
    gap = f"{course.days_unknown} days unknown: no score at a visit, or more than {LONGEST_GAP_DAYS} days between two."
    return [*title, *lines, *([gap] if course.days_unknown else [])]


def day_words(day: date | None) -> str:
    """Say a day.

    Parameters
    ----------
    day : date or None
        `None` was not told.

    Returns
    -------
    str
    """
    return "an unknown day" if day is None else day.isoformat()


def next_words(reading: VisitReading) -> str | None:
    """Say which photo would narrow EASI most.

    Parameters
    ----------
    reading : VisitReading
        Of one visit.

    Returns
    -------
    str or None
        `None` where every part of the body is known.
    """
    following = reading.next_photo
    if following is None:
        return None
    missing = [name for name in _unknown_parts(reading) if name.removeprefix(_side_of(name)) == following.part]
    where = part_words(missing[0]) if len(missing) == 1 else plain(following.part)
    return (
        f"A photo of the {where} narrows this most: if it shows clear skin, the upper end falls by "
        f"{following.lowers_by:.1f} points."
    )


def part_words(name: str) -> str:
    """Name a part of the body, one side of a pair in the singular.

    Parameters
    ----------
    name : str
        Of `decision.whole.body.Part`.

    Returns
    -------
    str

    Examples
    --------
    >>> part_words("left_feet"), part_words("right_lower_legs"), part_words("front_trunk")
    ('left foot', 'right lower leg', 'front trunk')
    """
    side = _side_of(name)
    return plain(name.removesuffix("s").replace("feet", "foot")) if side else plain(name)


def _side_of(name: str) -> str:
    """The side of a part with its underscore; empty for a part without."""
    return next((f"{side}_" for side in SIDES if name.startswith(f"{side}_")), "")


def spread_words(score: BodyScore) -> str:
    """Say what an interval is made of.

    Parameters
    ----------
    score : BodyScore
        Of the whole body.

    Returns
    -------
    str
        Points of each cause that has any.
    """
    widths = [(words, getattr(score.spread, name)) for name, words in _SPREAD_WORDS.items()]
    return "; ".join(f"{words} {width:.1f}" for words, width in widths if width)


def _red_flags(patient: PatientReading) -> list[str]:
    lines = [line for words in _flags(patient) for line in _wrapped(words, "  - ")]
    return [RED_FLAGS_TITLE, *lines] if lines else []


def _flags(patient: PatientReading) -> list[str]:
    raised = red_flags_by_photo(note.red_flags for note in patient.photos)
    return [
        f"Photo{'s' if len(places) > 1 else ''} {', '.join(map(str, places))}: {flag_words(flag)}"
        for flag, places in raised.items()
    ]


def _sides(patient: PatientReading) -> list[str]:
    lines = []
    for first, *rest in map(pair_lines, patient.sides):
        lines += [*_wrapped(first, "  - "), *(line for words in rest for line in _wrapped(words, "    "))]
    lines += [line for words in hint_words(patient.sides) for line in _wrapped(words, "  ")]
    return ["Left and right", *lines, *_wrapped(SIDES_NOTE, "  ")] if lines else []


def _visit(number: int, reading: VisitReading, patient: PatientReading) -> list[str]:
    notes = [(place, note) for place, note in enumerate(patient.photos, start=1) if note.visit == number]
    used = sum(note.used for _, note in notes)
    lines = [f"Visit {number}, {day_words(reading.day)}: {len(notes)} photos, {used} of them used"]
    lines += [
        f"{'EASI':<18}{score_words(reading.easi)}",
        f"{'Objective SCORAD':<18}{score_words(reading.objective_scorad)}",
    ]
    if reading.easi is not None:
        lines += _wrapped(f"width of the EASI range in points: {spread_words(reading.easi)}", " " * 18)
    lines += [f"{name:<18}{words}" for name, words in _region_lines(reading)]
    if missing := _unknown_parts(reading):
        lines.append(f"{'Parts not known':<18}{len(missing)} of {len(reading.parts)}")
    lines += [line for words in (next_words(reading),) if words for line in _wrapped(words, "  ")]
    for place, note in notes:
        lines += [line for reason in note.reasons for line in _wrapped(f"photo {place}: {reason.message}", "  ")]
        if note.assessment is not None and note.assessment.abstained is not None:
            lines.append(f"  photo {place}: its answer should not be relied on")
    return lines + [
        line for gap in dict.fromkeys(gap.reason for gap in reading.not_covered) for line in _wrapped(gap, "  ")
    ]


def _region_lines(reading: VisitReading) -> list[tuple[str, str]]:
    found = regions_by_state(reading.parts) if reading.parts else {}
    titles = {"seen": "Regions seen", "clear": "Told to be clear", "not_seen": "Not seen"}
    return [
        (titles[state], ", ".join(REGION_WORDS[region] for region in regions))
        for state, regions in found.items()
        if regions
    ]


def _unknown_parts(reading: VisitReading) -> list[str]:
    return [part.name for part in reading.parts if part.state in ("affected", "unknown")]


def _page_visit(reading: VisitReading) -> dict[str, object]:
    return {
        "day": day_words(reading.day),
        "easi": score_words(reading.easi),
        "objective_scorad": score_words(reading.objective_scorad),
        "spread": "" if reading.easi is None else spread_words(reading.easi),
        "regions": _region_lines(reading),
        "unknown": list(map(part_words, _unknown_parts(reading))),
        "next": next_words(reading),
    }


def _page_photo(note: PhotoNote) -> dict[str, object]:
    answer = note.assessment
    remarks = [f"Not used: {reason.message}" for reason in note.reasons]
    if answer is not None and answer.abstained is not None:
        remarks += [f"Not to be relied on: {reason.message}" for reason in answer.abstained.reasons]
    fraction = None if answer is None else answer.area.lesion_fraction_of_skin
    return {
        "visit": note.visit,
        "site": "not told" if note.site is None else plain(note.site),
        "used": "yes" if note.used else "no",
        "first": "–" if answer is None else answer.diagnosis.ranking[0].name,
        "eczema": "–" if answer is None else percent(answer.diagnosis.is_eczema.probability),
        "area": "–" if fraction is None else percent(fraction),
        "remarks": remarks,
    }


def _wrapped(words: str, indent: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent))
