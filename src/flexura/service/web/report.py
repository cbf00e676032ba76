"""The report of one answer: a page to print or save as PDF, and the same as one HTML file that asks for nothing."""

from base64 import b64encode
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from fastapi import Request, Response
from markupsafe import Markup

from flexura.report.layers import Layer
from flexura.service import assessments, cases, patients
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import Id
from flexura.service.web.asking import list_told
from flexura.service.web.casework import names_of
from flexura.service.web.frame import show
from flexura.service.web.pictures import name_layers, show_layer, show_outline, show_photo

_SAVED: Final = {"content-disposition": 'attachment; filename="flexura-report.html"'}
_DRAWN: Final[Mapping[str, Layer]] = MappingProxyType({"layer_lesion": "lesion", "layer_skin": "skin"})


def show_report(request: Request, case: Id, assessment: Id, caller: Asking, clinic: Wired) -> Response:
    """Show one answer with what clinicians said to it, to be printed or saved."""
    return show(request, "report.html", **_gather(case, assessment, caller, clinic), held=None)


def save_report(request: Request, case: Id, assessment: Id, caller: Asking, clinic: Wired) -> Response:
    """Give the report as one file: its style and pictures are in it, and it runs nothing."""
    told = _gather(case, assessment, caller, clinic)
    pictures = {"photo": show_photo(case, told["record"].about, caller, clinic)}
    for name, _ in told["layers"]:
        if name in _DRAWN:
            pictures[name] = show_layer(case, assessment, _DRAWN[name], caller, clinic)
    drawn = [row for row in told["reviews"] if row.document.get("outline")]
    if drawn:
        pictures["layer_clinician"] = show_outline(case, drawn[-1].id, caller, clinic)
    style = resources.files("flexura.service.web").joinpath("static", "app.css").read_text(encoding="utf-8")
    held = {name: _embed(picture) for name, picture in pictures.items()}
    page = show(request, "saved.html", **told, held=held, style=Markup(style))
    page.headers.update(_SAVED)
    return page


def _gather(case: str, assessment: str, caller: Asking, clinic: Wired) -> dict[str, Any]:
    answer = assessments.read_assessment(case, assessment, caller, clinic)
    stored = cases.read_case(case, caller, clinic)
    reviews = cases.list_reviews(case, caller, clinic).items
    return {
        "case": stored,
        "patient": patients.read_patient(stored.patient, caller, clinic),
        "told": list_told(stored.context),
        "record": answer,
        "layers": name_layers(case, answer, reviews),
        "reviews": [row for row in reviews if row.about == assessment],
        "names": names_of(caller, clinic),
        "now": clinic.store.clock(),
    }


def _embed(picture: Response) -> str:
    return f"data:{picture.media_type};base64,{b64encode(bytes(picture.body)).decode()}"
