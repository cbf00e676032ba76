"""The answer as one HTML file that loads nothing from anywhere: pictures, bars and style lie inside it.

Holds what is shown and in which words; how it looks is `report.html`. Patient data appear only
as far as the user gave them. The page forbids every outside request by its own policy.
"""

import base64
import re
from dataclasses import dataclass, fields
from datetime import date, datetime

import simplejpeg
from jinja2 import Environment, PackageLoader, StrictUndefined

from flexura import __version__
from flexura.decision.findings.unsaid import why_unsaid
from flexura.records import (
    Alternative,
    Assessment,
    CitedFinding,
    Diagnosis,
    Grade,
    ItchScore,
    PatientContext,
    Photo,
    RankedDiagnosis,
    SettlingStep,
    TriedTreatment,
    UInt8Array,
    WholeScore,
)
from flexura.report.advice import chapters, guidance_gap, red_flags, source_numbers, sources
from flexura.report.contributions import contribution_lines
from flexura.report.preparation import size_words, step_words
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

_JPEG_QUALITY = 88
_DIAGNOSES_SHOWN = 5  # and more of the prediction set
_MOST_DIAGNOSES = 8  # the rest of a larger set is named below the table
# What the page says beside the figure itself or above its table is not said again under "What was not seen".
_SAID_BESIDE = (
    "recommendations",
    "severity",
    "area",
    "clinical.criteria",
    "why",
    "photo.site",
    "diagnosis.ranking.snomed",
    "alternatives.",
)
_NOTHING_FOUND = "nothing that was seen or told"
_LEAST_SHARE = 0.01  # rarer kinds of eczema are left out of the note; the table's last row counts them
_UNITS = {
    "age_years": "years",
    "onset_age_years": "years",
    "itch": "of 10",
    "sleep_loss": "of 10",
    "duration_days": "days",
    "skin_type": "(Fitzpatrick)",
    "monk_tone": "(Monk)",
    "poem": "of 28",
    "humidity_percent": "%",
    "body_surface_percent": "%",
}
_UNIT_SUFFIX = re.compile("_(years|months|days|percent)$")


def render_report(
    assessment: Assessment, *, photo: Photo, overlay: UInt8Array, context: PatientContext, written_at: datetime
) -> str:
    """Write the whole answer on one photo as an HTML page.

    Parameters
    ----------
    assessment : Assessment
        The answer.
    photo : Photo
        The photo that was answered on, embedded as JPEG.
    overlay : UInt8Array
        The picture (H, W, 3) from `draw_overlay`, shown beside the photo.
    context : PatientContext
        What the user told; only known fields are shown.
    written_at : datetime
        Time of the report, with its zone.

    Returns
    -------
    str
        A complete UTF-8 page, printable on A4.
    """
    height, width = photo.pixels.shape[:2]
    shown = shown_diagnoses(assessment, _DIAGNOSES_SHOWN)[:_MOST_DIAGNOSES]
    return (
        _template_environment()
        .get_template("report.html")
        .render(
            answer=assessment,
            software_version=__version__,
            written_at=f"{written_at:%Y-%m-%d %H:%M %Z}".strip(),
            disclaimer=DISCLAIMER,
            photo_uri=_jpeg_uri(photo.pixels),
            overlay_uri=_jpeg_uri(overlay),
            tall=height > width,
            eczema_words=eczema_words(assessment.diagnosis.is_eczema.probability),
            shown=shown,
            marked=marked_codes(assessment.diagnosis.prediction_set),
            set_basis=basis_words(assessment.diagnosis.prediction_set),
            others=_others(assessment, len(shown)),
            subtypes=_subtypes(assessment),
            reasons=_reasons(assessment),
            signs=[_graded(SIGN_WORDS[name], grade) for name, grade in assessment.severity.signs.items()],
            iga=_graded("IGA (global)", assessment.severity.iga),
            area=_area(assessment),
            size=_size(assessment),
            steps=[step_words(step) for step in assessment.preprocessing],
            region=_region(assessment),
            whole_scores=_whole_scores(assessment),
            calibration=_calibration(assessment),
            familiarity=familiarity_words(assessment.uncertainty.out_of_distribution),
            contributions=contribution_lines(assessment),
            criteria=told_criteria(assessment),
            told=_told(context),
            flags=red_flags(assessment),
            chapters=chapters(assessment),
            sources=sources(assessment),
            numbers=source_numbers(assessment),
            guidance_gap=guidance_gap(assessment),
            gaps=_gaps(assessment),
        )
    )


@dataclass(frozen=True)
class _Measure:
    """A figure with its range, or why there is none."""

    name: str
    known: bool
    value: str = ""
    range: str = ""
    band: str = ""
    why: str = ""
    alt: str = ""


@dataclass(frozen=True)
class _GradeRow:
    words: str
    expected: str
    range: str
    distribution: tuple[float, ...]


@dataclass(frozen=True)
class _Reasons:
    """What speaks for and against one diagnosis; the two `silent` stand where no line does."""

    name: str
    supporting: tuple[CitedFinding, ...] | None
    opposing: tuple[CitedFinding, ...] | None
    would_settle_it: tuple[SettlingStep, ...] | None
    silent_for: str
    silent_against: str

    @property
    def silent(self) -> bool:
        """Whether there is nothing for or against it, for the same reason."""
        return not self.supporting and not self.opposing and self.silent_for == self.silent_against


@dataclass(frozen=True)
class _Others:
    count: int
    probability: float
    marked: list[str]  # names of those in the prediction set


def _template_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("flexura.report", package_path=""), autoescape=True, undefined=StrictUndefined
    )
    environment.filters.update(limit=limit_words, percent=percent, plain=plain, verdict=verdict_words)
    return environment


def _jpeg_uri(pixels: UInt8Array) -> str:
    jpeg = simplejpeg.encode_jpeg(pixels, quality=_JPEG_QUALITY, colorspace="RGB", colorsubsampling="420")
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")


def _graded(words: str, grade: Grade) -> _GradeRow:
    return _GradeRow(words, f"{grade.expected:.1f}", grade_range(grade.distribution), grade.distribution)


def _others(assessment: Assessment, shown: int) -> _Others:
    rest = assessment.diagnosis.ranking[shown:]
    marked = marked_codes(assessment.diagnosis.prediction_set)
    return _Others(len(rest), sum(row.probability for row in rest), [row.name for row in rest if row.code in marked])


def _subtypes(assessment: Assessment) -> list[tuple[str, float]]:
    names = {row.code: row.name for row in assessment.diagnosis.ranking}
    mass = assessment.diagnosis.is_eczema.subtype_mass
    named = [(names.get(code, plain(code)), share) for code, share in mass.items() if share >= _LEAST_SHARE]
    return sorted(named, key=lambda pair: -pair[1])


def _reasons(assessment: Assessment) -> list[_Reasons]:
    """First the most likely diagnosis, then the alternatives; nothing where nothing was looked for."""
    if not assessment.why:
        return []
    compared: list[tuple[RankedDiagnosis | Alternative, Diagnosis | Alternative]] = [
        (assessment.diagnosis.ranking[0], assessment.diagnosis),
        *((other, other) for other in assessment.alternatives),
    ]
    return [
        _Reasons(
            said.name,
            row.supporting,
            row.opposing,
            row.would_settle_it,
            why_unsaid(said.code, "for") or _NOTHING_FOUND,
            why_unsaid(said.code, "against") or _NOTHING_FOUND,
        )
        for said, row in compared
    ]


def _area(assessment: Assessment) -> _Measure:
    area, name = assessment.area, "area"
    if area.lesion_fraction_of_skin is None or area.interval is None:
        return _Measure(name, known=False, why=why_unknown(assessment, "area"), alt="what the model took")
    value = percent(area.lesion_fraction_of_skin)
    return _Measure(name, known=True, value=value, range=percent_range(area.interval), alt=f"{value} of the skin")


def _size(assessment: Assessment) -> str:
    size = assessment.area.lesion_size
    return size_words(size) if size else f"unknown: {why_unknown(assessment, 'area.lesion_size')}"


def _region(assessment: Assessment) -> _Measure:
    score = assessment.severity.region_score
    if score.value is None or score.interval is None:
        return _Measure("region", known=False, why=why_unknown(assessment, "severity.region_score.value"))
    return _Measure(region_words(score), known=True, value=f"{score.value:.1f}", range=decimal_range(score.interval))


def _whole_scores(assessment: Assessment) -> list[_Measure]:
    severity = assessment.severity
    return [
        _whole_score(assessment, "EASI", field="severity.easi", score=severity.easi),
        _whole_score(
            assessment, "Objective SCORAD", field="severity.objective_scorad", score=severity.objective_scorad
        ),
    ]


def _whole_score(assessment: Assessment, name: str, *, field: str, score: WholeScore | None) -> _Measure:
    if score is None:
        return _Measure(f"{name} of the whole body", known=False, why=why_unknown(assessment, field))
    figures = f"{score.value:.1f}", decimal_range(score.interval)
    return _Measure(f"{name} of the whole body", known=True, value=figures[0], range=figures[1], band=score.band)


def _gaps(assessment: Assessment) -> list[str]:
    """Reasons of what is not covered, each once, without those that stand elsewhere on the page."""
    return list(dict.fromkeys(gap.reason for gap in assessment.not_covered if not gap.field.startswith(_SAID_BESIDE)))


def _calibration(assessment: Assessment) -> str:
    error = assessment.confidence.expected_calibration_error
    if error is None:
        return "not calibrated"
    return f"calibrated: right within {100 * error:.0f} points on average on photos held back"


def _told(context: PatientContext) -> list[tuple[str, str]]:
    known = {field.name: getattr(context, field.name) for field in fields(context)}
    if context.age_months is not None:
        known |= {"age_years": None, "age_months": "{} years {} months".format(*divmod(context.age_months, 12))}
    return [
        (plain(_UNIT_SUFFIX.sub("", name)).capitalize(), _with_unit(name, value))
        for name, value in known.items()
        if value is not None
    ]


def _with_unit(name: str, value: object) -> str:
    if name not in _UNITS:
        return _worded(value)
    return f"{_worded(value)} {_UNITS[name].removesuffix('s') if value == 1 else _UNITS[name]}"


def _worded(value: object) -> str:
    match value:
        case float():
            return f"{value:g}"
        case date():
            return value.isoformat()
        case ItchScore():
            return f"{value.itch:g} on {value.day.isoformat()}"
        case TriedTreatment():
            return plain(value.treatment) + (f" ({value.response})" if value.response else "")
        case tuple():
            return ", ".join(map(_worded, value)) or "none"
        case _:
            return plain(str(value))
