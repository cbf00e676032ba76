"""All pages as one table; they call the functions of the interface, so that no rule can differ."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flexura.security.openid import RETURN_PATH
from flexura.service.web import (
    account,
    arrival,
    casework,
    course,
    entry,
    model,
    oversight,
    photos,
    pictures,
    poem,
    report,
    setup,
    work,
)
from flexura.service.web.frame import read_static


@dataclass(frozen=True)
class Page:
    """One page or form; a verb of `None` is open to everybody, `takes_files` where it brings photos."""

    method: str
    path: str
    verb: str | None
    endpoint: Callable[..., Any]
    takes_files: bool = False


PAGES: Final = (
    Page("GET", "/static/{name}", None, read_static),
    Page("GET", "/sign-in", None, entry.ask_sign_in),
    Page("POST", "/sign-in", None, entry.sign_in),
    Page("GET", "/set-up", None, setup.ask_set_up),
    Page("POST", "/set-up", None, setup.set_up),
    Page("GET", "/sign-in/openid", None, arrival.ask_provider),
    Page("GET", RETURN_PATH, None, arrival.come_back),
    Page("POST", "/sign-out", "session.close", entry.sign_out),
    Page("GET", "/", "session.open", entry.list_worklist),
    Page("GET", "/account", "session.open", account.show_account),
    Page("POST", "/account/passkeys", "passkey.add", account.add_passkey),
    Page("POST", "/account/passkeys/{passkey}/remove", "passkey.remove", account.remove_passkey),
    Page("POST", "/search", "patient.find", entry.find_patient),
    Page("GET", "/patients/new", "patient.create", casework.ask_patient),
    Page("POST", "/patients", "patient.create", casework.admit_patient),
    Page("GET", "/patients/{patient}", "patient.read", casework.read_patient),
    Page("GET", "/patients/{patient}/course", "assessment.read", course.show_course),
    Page("POST", "/patients/{patient}/poem", "outcome.record", poem.record_poem),
    Page("POST", "/patients/{patient}/cases", "case.create", casework.begin_case),
    Page("GET", "/cases/{case}", "case.read", casework.read_case),
    Page("POST", "/cases/{case}/photos", "photo.add", photos.add_photos, takes_files=True),
    Page("POST", "/cases/{case}/photos/check", "photo.check", photos.judge_photo, takes_files=True),
    Page("GET", "/cases/{case}/photos/{photo}", "photo.read", pictures.show_photo),
    Page("GET", "/cases/{case}/photos/{photo}/work", "assessment.read", work.show_work),
    Page("POST", "/cases/{case}/photos/{photo}/ask", "assessment.request", work.ask_again),
    Page("POST", "/cases/{case}/jobs/{job}/cancel", "assessment.request", work.cancel),
    Page("GET", "/cases/{case}/assessments/{assessment}/layers/{layer}", "assessment.read", pictures.show_layer),
    Page("GET", "/cases/{case}/assessments/{assessment}/correct", "review.write", casework.ask_correction),
    Page("GET", "/cases/{case}/assessments/{assessment}/report", "assessment.read", report.show_report),
    Page("GET", "/cases/{case}/assessments/{assessment}/report.html", "assessment.read", report.save_report),
    Page("GET", "/cases/{case}/reviews/{review}/outline", "review.read", pictures.show_outline),
    Page("POST", "/cases/{case}/reviews", "review.write", casework.review),
    Page("POST", "/cases/{case}/outcomes", "outcome.record", casework.record_outcome),
    Page("GET", "/patients/{patient}/emergency", "glass.break", oversight.ask_emergency),
    Page("POST", "/patients/{patient}/emergency", "glass.break", oversight.open_emergency),
    Page("GET", "/audit", "audit.read", oversight.show_audit),
    Page("POST", "/emergencies/{glass}/review", "glass.review", oversight.close_emergency),
    Page("GET", "/users", "user.manage", oversight.list_users),
    Page("POST", "/users", "user.manage", oversight.create_user),
    Page("POST", "/users/{user}/role", "user.manage", oversight.change_role),
    Page("POST", "/users/{user}/disable", "user.manage", oversight.lock_user),
    Page("POST", "/users/{user}/enable", "user.manage", oversight.unlock_user),
    Page("POST", "/users/{user}/second-factor", "user.manage", oversight.reset_second_factor),
    Page("GET", "/model", "session.open", model.show_model),
    Page("POST", "/model", "monitoring.run", model.watch_model),
    Page("GET", "/model/work", "monitoring.run", model.show_work),
    Page("POST", "/model/cancel", "monitoring.run", model.cancel),
)
