"""A clinic's reviewed cases, as `flexura admin export-research` writes them: pseudonyms, moved days, no free text.

A photo comes in once a clinician said what it shows: agreed with an answer on it, or gave another diagnosis. Of each
clinician the last word on the photo counts, with one vote; several clinicians who differ become soft labels. A patient
keeps the fold from export to export of one study, so that what was tested on is never learned from later.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flexura.clinical.outlines import parse_outline
from flexura.clinical.sites import strip_laterality
from flexura.decision.taxonomy import TAXONOMY
from flexura.errors import ManifestError
from flexura.training.folds import FOLDS
from flexura.training.sets.layout import Found, Listing, PhotoSet, read_skin_type

Json = Mapping[str, Any]


def find_reviewed(folder: Path) -> Listing:
    """List the reviewed photos of an export.

    Parameters
    ----------
    folder : Path
        Holds `cases.jsonl` and `photos/`.

    Returns
    -------
    Listing
        In the order of the cases; photos that nobody reviewed, or of which nobody said a diagnosis, are left out.

    Raises
    ------
    ManifestError
        If the folder is no export, or nothing in it is reviewed.
    """
    try:
        lines = (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines()
        found = tuple(photo for line in lines for photo in _reviewed(json.loads(line)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError("the folder is no export; give one of flexura admin export-research") from error
    if not found:
        raise ManifestError("no photo of the export has a review with a diagnosis")
    there = tuple(photo for photo in found if (folder / photo.file).is_file())
    return Listing(there, missing=len(found) - len(there))


def fold_of(patient: str) -> str:
    """Give the fold of a patient, always the same.

    Parameters
    ----------
    patient : str
        The pseudonym.

    Returns
    -------
    str
        "0" to "4".
    """
    return str(int(hashlib.sha256(patient.encode()).hexdigest(), 16) % FOLDS)


def _reviewed(case: Json) -> Iterator[Found]:
    answers = {each["assessment"]: each for each in case["assessments"]}
    context = case["context"]
    for photo in case["photos"]:
        said = {  # a later word of the same clinician replaces the earlier one
            review["reviewer"]: review
            for review in case["reviews"]
            if answers.get(review.get("assessment"), {}).get("photo") == photo["photo"]
        }
        diagnoses = [_diagnosis(each, answers[each["assessment"]]) for each in said.values()]
        votes = Counter(code for code in diagnoses if code)
        if votes:
            yield Found(
                file=str(photo["file"]),
                label=votes.most_common(1)[0][0],
                group=str(case["patient"]),
                skin_type=read_skin_type(str(context.get("skin_type", ""))),
                fold=fold_of(str(case["patient"])),
                weights={code: count / votes.total() for code, count in votes.items()} if len(votes) > 1 else {},
                reading=_reading(context, list(said.values())),
                context=context,
                outline=_outline(list(said.values())),
            )


def _diagnosis(review: Json, answer: Json) -> str | None:
    """What the clinician says it is; `None` where the answer is wrong and nothing is said instead."""
    said = review.get("diagnosis")
    if said is None and review["agrees"]:
        said = answer["document"]["diagnosis"]["ranking"][0]["code"]
    return said


def _reading(context: Json, said: Sequence[Json]) -> dict[str, str]:
    """Mean of what the clinicians graded; a reading only where somebody graded anything."""
    grades: dict[str, list[float]] = {}
    for review in said:
        told = {**review.get("signs", {}), **({"iga": review["iga"]} if "iga" in review else {})}
        for name, grade in told.items():
            grades.setdefault(name, []).append(float(grade))
    if not grades:
        return {}
    site = context.get("site")
    means = {name: f"{sum(each) / len(each):g}" for name, each in grades.items()}
    return means | {"site": strip_laterality(site) if site else ""}


def _outline(said: Sequence[Json]) -> str:
    """The last outline that somebody drew; empty where nobody did."""
    drawn = [str(review["outline"]) for review in said if review.get("outline")]
    if not drawn:
        return ""
    parse_outline(drawn[-1])  # refuses one that is none
    return drawn[-1]


# A code means itself.
_CODES: dict[str, str | None] = {row.code: row.code for row in TAXONOMY}

REVIEWED = PhotoSet(
    "reviewed", "reviewed cases of a clinic's store", "yours", "docs/monitoring.md", find_reviewed, _CODES
)
