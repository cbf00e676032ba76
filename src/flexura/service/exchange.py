"""An answer for other systems: as FHIR."""

from typing import Any

from fastapi.responses import JSONResponse

from flexura.report.fhir.bundle import MEDIA_TYPE, About, Judged, to_fhir
from flexura.service import cases
from flexura.service.assessments import read_assessment
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import Id, Record


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
    found = read_assessment(case, assessment, caller, clinic)
    patient = cases.read_case(case, caller, clinic).patient
    reviews = cases.list_reviews(case, caller, clinic).items
    judged = [_judged(review) for review in reviews if review.about == assessment]
    sex = found.document["context"].get("sex")
    about = About(assessment, found.created_at, patient, sex, judged[-1] if judged else None)
    return to_fhir(found.document["assessment"], about)


def _judged(review: Record) -> Judged:
    said = review.document
    return Judged(review.created_by, review.created_at, said["agrees"], said.get("diagnosis"))
