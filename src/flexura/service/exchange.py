"""An answer for other systems: as FHIR."""

from typing import Any

from fastapi.responses import JSONResponse

from flexura.errors import NotStored
from flexura.report.fhir.bundle import MEDIA_TYPE, About, Judged, to_fhir
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import Id
from flexura.storage import cases
from flexura.storage.cases import StoredRecord


class FhirResponse(JSONResponse):
    """A FHIR resource as JSON."""

    media_type = MEDIA_TYPE


def show_fhir(case: Id, assessment: Id, caller: Asking, clinic: Wired) -> dict[str, Any]:
    """Give an assessment as a FHIR R4 Bundle: preliminary, unless the newest review agrees with it.

    Parameters
    ----------
    case : Id
        Of which case.
    assessment : Id
        Which one.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.

    Returns
    -------
    dict[str, Any]
        See docs/fhir.md.

    Raises
    ------
    NotStored
        When the case has no such assessment.
    """
    with clinic.store.visit(caller.actor) as visit:
        patient = cases.read_case(visit, case).patient
        records = cases.read_records(visit, "assessment", case)
        reviews = cases.read_records(visit, "review", case)
    found = next((record for record in records if record.id == assessment), None)
    if found is None:
        raise NotStored("This case has no such assessment.")
    judged = [_judged(review) for review in reviews if review.about == assessment]
    sex = found.document["context"].get("sex")
    about = About(assessment, found.created_at, patient, sex, judged[-1] if judged else None)
    return to_fhir(found.document["assessment"], about)


def _judged(review: StoredRecord) -> Judged:
    said = review.document
    return Judged(review.created_by, review.created_at, said["agrees"], said.get("diagnosis"))
