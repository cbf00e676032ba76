"""The whole patient as the JSON document "flexura.patient_assessment/1", and its JSON Schema.

Only names and rounding are decided here. Unknown is `None`, with its reason under `not_covered` of the visit.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final

from flexura.decision.whole.body import parts_of_site, regions_by_state
from flexura.decision.whole.change import (
    IMPORTANT_CHANGE,
    IMPORTANT_CHANGE_SOURCE,
    POEM_CHANGES_SOURCE,
    SMALLEST_DETECTABLE,
    Change,
)
from flexura.decision.whole.course import COURSE_SOURCE, LONGEST_GAP_DAYS, SCHEME, Course, time_in_bands
from flexura.decision.whole.sides import SideDifference, SidePair
from flexura.decision.whole.visit import EASI_SEM, EASI_SEM_SOURCE, BodyScore, VisitReading
from flexura.records import Assessment, ModelInfo, Reason, Recommendation

SCHEMA_NAME: Final = "flexura.patient_assessment/1"

Json = dict[str, Any]


@dataclass(frozen=True)
class PhotoNote:
    """One photo: its visit from 1, its answer if it has one, and whether it entered the scores, else why not.

    `told_flags` are the red flags that hold without an answer.
    """

    visit: int
    site: str | None = field(repr=False)
    assessment: Assessment | None
    used: bool
    reasons: tuple[Reason, ...] = ()
    told_flags: tuple[Recommendation, ...] = field(default=(), repr=False)

    @property
    def red_flags(self) -> tuple[Recommendation, ...]:
        """Red flags of the answer; without one, those of what was told."""
        if self.assessment is None:
            return self.told_flags
        return tuple(line for line in self.assessment.recommendations if line.urgent)


@dataclass(frozen=True)
class PatientReading:
    """One patient: all photos in their order, the visits by rising day, changes between them, left against right."""

    photos: tuple[PhotoNote, ...]
    visits: tuple[VisitReading, ...]
    changes: tuple[Change, ...]
    model: ModelInfo
    sides: tuple[SidePair, ...] = ()

    @property
    def course(self) -> Course | None:
        """Days in each band of EASI; `None` for fewer than two dated visits."""
        return time_in_bands(self.visits)


def to_patient_document(patient: PatientReading) -> Json:
    """Turn a patient into the document.

    Parameters
    ----------
    patient : PatientReading
        All photos of one patient.

    Returns
    -------
    dict[str, Any]
        Valid under `patient_schema()`; `json.dumps(document, allow_nan=False)` never fails.
    """
    return {
        "schema": SCHEMA_NAME,
        "photos": [_photo(index, note) for index, note in enumerate(patient.photos, start=1)],
        "visits": [
            _visit(reading, [place for place, note in enumerate(patient.photos, start=1) if note.visit == number])
            for number, reading in enumerate(patient.visits, start=1)
        ],
        "changes": [_change(one) for one in patient.changes],
        "left_and_right": [_pair(pair) for pair in patient.sides],
        "time_in_bands": _course(patient.course),
        "measurement_error": {
            "easi_standard_error": EASI_SEM,
            "easi_smallest_detectable_change": round(SMALLEST_DETECTABLE, 2),
            "easi_important_change": IMPORTANT_CHANGE,
            "sources": [EASI_SEM_SOURCE, IMPORTANT_CHANGE_SOURCE, POEM_CHANGES_SOURCE],
        },
        "model": vars(patient.model).copy(),
    }


def patient_schema() -> Json:
    """Read the JSON Schema (draft 2020-12) of the document from the package.

    Returns
    -------
    dict[str, Any]
        The schema, with units and ranges in its descriptions.
    """
    place = resources.files("flexura.decision.whole").joinpath("patient_assessment.schema.json")
    schema: Json = json.loads(place.read_text(encoding="utf-8"))
    return schema


def _photo(index: int, note: PhotoNote) -> Json:
    answer = note.assessment
    return {
        "index": index,
        "visit": note.visit,
        "site": note.site,
        "parts": list(parts_of_site(note.site)),
        "sha256": None if answer is None else answer.photo.sha256,
        "used": note.used,
        "reasons": [_reason(reason) for reason in note.reasons],
        "first_diagnosis": None if answer is None else answer.diagnosis.ranking[0].code,
        "eczema_probability": None if answer is None else round(answer.diagnosis.is_eczema.probability, 4),
        "lesion_fraction_of_skin": None if answer is None else _rounded(answer.area.lesion_fraction_of_skin, 4),
        "abstained": [_reason(one) for one in answer.abstained.reasons] if answer and answer.abstained else [],
        "red_flags": [vars(flag).copy() for flag in note.red_flags],
    }


def _visit(reading: VisitReading, photos: Iterable[int]) -> Json:
    following = reading.next_photo
    return {
        "day": None if reading.day is None else reading.day.isoformat(),
        "photos": list(photos),
        "easi": _score(reading.easi),
        "objective_scorad": _score(reading.objective_scorad),
        "regions": regions_by_state(reading.parts),
        "parts": [
            {"name": part.name, "region": part.region, "body_percent": round(100 * part.share, 3), "state": part.state}
            for part in reading.parts
        ],
        "next_photo": None
        if following is None
        else {"part": following.part, "lowers_upper_easi_by": round(following.lowers_by, 1)},
        "not_covered": [vars(gap).copy() for gap in reading.not_covered],
    }


def _score(score: BodyScore | None) -> Json | None:
    if score is None:
        return None
    return {
        "value": _rounded(score.value, 1),
        "interval": [round(end, 1) for end in score.interval],
        "band": score.band,
        "bands_of_interval": list(score.bands),
        "scheme": score.scheme,
        "spread": {name: _rounded(width, 1) for name, width in vars(score.spread).items()},
    }


def _change(change: Change) -> Json:
    return {
        "first": None if change.first is None else change.first.isoformat(),
        "later": None if change.later is None else change.later.isoformat(),
        "difference": _rounded(change.difference, 1),
        "interval": None if change.interval is None else [round(end, 1) for end in change.interval],
        "verdict": change.verdict,
        "important": change.important,
        "responses": {f"easi_{share}": reached for share, reached in change.responses},
        "poem": None if change.poem is None else vars(change.poem).copy(),
    }


def _pair(pair: SidePair) -> Json:
    return {
        "visit": pair.visit,
        "site": pair.site,
        "photos": {"left": pair.photos[0], "right": pair.photos[1]},
        "differences": [_side_difference(one) for one in pair.differences],
        "area_asymmetry": _rounded(pair.area_asymmetry, 3),
        "hints": [vars(hint).copy() for hint in pair.hints],
    }


def _side_difference(one: SideDifference) -> Json:
    return {
        "name": one.name,
        "unit": one.unit,
        "left_minus_right": _rounded(one.difference, 3),
        "interval": None if one.interval is None else [round(end, 3) for end in one.interval],
        "more": one.more,
        "reason": one.reason,
    }


def _course(course: Course | None) -> Json | None:
    if course is None:
        return None
    return {
        "bands": [
            {"band": one.band, "days": round(one.days, 1), "interval": [round(end, 1) for end in one.interval]}
            for one in course.bands
        ],
        "days_known": course.days_known,
        "days_unknown": course.days_unknown,
        "longest_gap_days": LONGEST_GAP_DAYS,
        "scheme": SCHEME.title,
        "source": COURSE_SOURCE,
    }


def _reason(reason: Reason) -> Json:
    return {"code": reason.code, "message": reason.message}


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
