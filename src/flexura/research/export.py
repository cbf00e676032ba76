"""A study's export: cases and photos under pseudonyms in a new folder, and the list of what a person must see first.

The researcher's role is asked for every patient; the program then reads in the role of a worker, one case at a
time, and no transaction is open while a photo is decoded or read for text. The folder appears when it is whole.
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flexura import __version__
from flexura.errors import InputRefused, OutputUnwritable
from flexura.records import Photo
from flexura.research.decisions import Decision, Question
from flexura.research.pseudonyms import Pseudonyms
from flexura.research.records import (
    deidentify_assessment,
    deidentify_context,
    deidentify_outcome,
    deidentify_review,
)
from flexura.research.release import FACE_POSSIBLE, TEXT_FOUND, Released, may_show_a_face, release
from flexura.research.text import Box
from flexura.storage import cases
from flexura.storage.cases import StoredCase, StoredRecord
from flexura.storage.research import admit_export, list_all_cases, study_secret
from flexura.storage.store import Actor, Store

FORMAT: Final = "flexura.research/1"

_PROGRAM: Final = "research-export"

Read = Callable[..., Photo]
FindText = Callable[[Any], tuple[Box, ...]]
Json = dict[str, Any]


@dataclass(frozen=True)
class Study:
    """What is exported for whom: `patients` are ids or everybody, `decisions` what a person decided, by photo."""

    name: str
    researcher: Actor
    patients: tuple[str, ...] | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict)


@dataclass(frozen=True)
class Exported:
    """How much left, and what a person must look at."""

    patients: int
    cases: int
    photos: int
    refused: int
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Desk:
    """What every case of an export shares: the store, how photos are read, and how text is found in them."""

    store: Store
    read: Read
    find_text: FindText


def export_study(study: Study, folder: Path, *, desk: Desk) -> Exported:
    """Write a study's de-identified export into a new folder.

    Parameters
    ----------
    study : Study
        What and for whom.
    folder : Path
        Where nothing is yet.
    desk : Desk
        What to work with.

    Returns
    -------
    Exported

    Raises
    ------
    Forbidden
        When the user is no researcher.
    OutputUnwritable
        When the folder is there already or cannot be written.
    """
    with desk.store.visit(study.researcher) as visit:
        patients = admit_export(visit, study.name, study.patients)
        pseudonyms = Pseudonyms(study_secret(visit, study.name))
    part = folder.with_name(f".{folder.name}.part")
    try:
        if folder.exists():
            raise FileExistsError
        (part / "photos").mkdir(parents=True)
        exported = _Export(study, desk, pseudonyms, part).run(patients)
        part.rename(folder)
    except OSError as error:
        raise OutputUnwritable("The folder is there already, or cannot be written; name a new one.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return exported


class _Export:
    def __init__(self, study: Study, desk: Desk, pseudonyms: Pseudonyms, folder: Path) -> None:
        self.study, self.desk, self.pseudonyms, self.folder = study, desk, pseudonyms, folder
        self.program = Actor(study.researcher.tenant, _PROGRAM, "worker", purpose=study.researcher.purpose)
        self.counts: Counter[str] = Counter()
        self.questions: list[Question] = []

    def run(self, patients: tuple[str, ...]) -> Exported:
        with (self.folder / "cases.jsonl").open("w", encoding="utf-8") as lines:
            for patient in patients:
                with self.desk.store.visit(self.program) as visit:
                    ids = list_all_cases(visit, patient)
                for case in ids:
                    lines.write(json.dumps(self._case(patient, case), allow_nan=False) + "\n")
        told = {"format": FORMAT, "study": self.study.name, "flexura": __version__, "patients": len(patients)}
        told |= {name: self.counts[name] for name in ("cases", "photos", "withheld", "refused")}
        (self.folder / "study.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        counted = (self.counts["cases"], self.counts["photos"], self.counts["refused"])
        return Exported(len(patients), *counted, tuple(self.questions))

    def _case(self, patient: str, case: str) -> Json:
        with self.desk.store.visit(self.program) as visit:
            stored = cases.read_case(visit, case)
            written = {kind: cases.read_records(visit, kind, case) for kind in ("assessment", "review", "outcome")}
        self.counts["cases"] += 1
        context = deidentify_context(stored.context, patient=patient, pseudonyms=self.pseudonyms)
        photos = [self._photo(stored, photo, context.get("site")) for photo in stored.photos]
        return {
            "case": self._name("case", case),
            "patient": self._name("patient", patient),
            "begun_on": self.pseudonyms.shift(patient, stored.created_at.date()).isoformat(),
            "context": context,
            "photos": [photo for photo in photos if photo is not None],
            "assessments": [self._assessment(patient, record) for record in written["assessment"]],
            "reviews": [self._review(record) for record in written["review"]],
            "outcomes": [
                deidentify_outcome(record.document, patient=patient, pseudonyms=self.pseudonyms)
                for record in written["outcome"]
            ],
        }

    def _photo(self, case: StoredCase, photo: str, site: str | None) -> Json | None:
        """One photo, written; `None` where it does not leave."""
        with self.desk.store.visit(self.program) as visit:
            content = cases.read_photo(visit, photo)
        try:
            read = self.desk.read(content, longest_side=None)
            mask = self._mask(case, photo, read, site)
            if mask is None:
                self.counts["withheld"] += 1
                return None
            released = release(content, read, mask, patient=case.patient, pseudonyms=self.pseudonyms)
        except InputRefused:
            self.counts["refused"] += 1
            return None
        self.counts["photos"] += 1
        return self._write(photo, released, masked=bool(mask))

    def _mask(self, case: StoredCase, photo: str, read: Photo, site: str | None) -> tuple[Box, ...] | None:
        """What to blacken; `None` for a photo that waits for a person, or that one held back."""
        decision = self.study.decisions.get(photo)
        if decision is not None:
            return decision.mask if decision.release else None
        boxes = self.desk.find_text(read.pixels)
        reasons: tuple[str, ...] = (TEXT_FOUND,) if boxes else ()
        if may_show_a_face(site or read.source.capture.body_site):
            reasons += (FACE_POSSIBLE,)
        if not reasons:
            return ()
        self.questions.append(Question(case.id, photo, reasons, boxes))
        return None

    def _write(self, photo: str, released: Released, *, masked: bool) -> Json:
        name = self._name("photo", photo)
        path = self.folder / "photos" / f"{name}{released.suffix}"
        path.write_bytes(released.content)
        return {
            "photo": name,
            "file": f"photos/{path.name}",
            "sha256": hashlib.sha256(released.content).hexdigest(),
            "width": released.width,
            "height": released.height,
            "masked": masked,
        }

    def _assessment(self, patient: str, record: StoredRecord) -> Json:
        return {
            "assessment": self._name("assessment", record.id),
            "photo": self._name("photo", record.about) if record.about else None,
            "answered_on": self.pseudonyms.shift(patient, record.created_at.date()).isoformat(),
            "document": deidentify_assessment(record.document),
        }

    def _review(self, record: StoredRecord) -> Json:
        about = {"assessment": self._name("assessment", record.about)} if record.about else {}
        return about | {"reviewer": self._name("reviewer", record.created_by)} | deidentify_review(record.document)

    def _name(self, kind: str, of: str) -> str:
        return self.pseudonyms.name(kind, of)
