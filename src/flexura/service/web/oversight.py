"""Who watches and who runs: the audit log, emergency access and its review, and users."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, Literal

from fastapi import Request, Response

from flexura.errors import LockoutRefused
from flexura.security.codes import provisioning_uri
from flexura.service import patients, people
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import Emergency, Id, NewRole, NewUser
from flexura.service.problems import STATUSES
from flexura.service.web.frame import fill, go, show
from flexura.service.web.qr import Drawing, draw_qr
from flexura.storage.auditlog import list_latest
from flexura.storage.patients import list_emergencies, review_emergency
from flexura.storage.people import list_users as list_people
from flexura.storage.people import read_names
from flexura.storage.people import reset_second_factor as renew_factor
from flexura.storage.users import PERSONS

_PAGE: Final = 50
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Enrolment:
    """A user's new secret for one-time codes, as a text to type and a picture to scan; shown this once."""

    name: str
    secret: str = field(repr=False)

    @property
    def qr(self) -> Drawing:
        """The address by which an app takes the secret."""
        return draw_qr(provisioning_uri(self.secret, self.name))


def show_audit(
    request: Request,
    caller: Asking,
    clinic: Wired,
    user: Id | Literal[""] = "",  # as the form says: everybody
    patient: Id | None = None,
    before: int | None = None,
) -> Response:
    """Show who did what, newest first, and the emergency accesses that wait for review."""
    with clinic.store.visit(caller.actor) as visit:
        visit.record("audit.read", "audit_entries/page")
        log = caller.actor.tenant
        rows = list_latest(visit.connection, log, user=user or None, patient=patient, before=before, limit=_PAGE)
        emergencies = tuple(list_emergencies(visit))
        names = read_names(visit)
    return show(
        request,
        "audit.html",
        rows=rows,
        emergencies=emergencies,
        names=names,
        user=user,
        patient=patient,
        following=rows[-1][0] if len(rows) == _PAGE else None,
        closed=False,
    )


def close_emergency(request: Request, glass: Id, caller: Asking, clinic: Wired) -> Response:
    """Take an emergency access off the list, and show the reason that was given."""
    with clinic.store.visit(caller.actor) as visit:
        reason = review_emergency(visit, glass)
        emergencies, names = tuple(list_emergencies(visit)), read_names(visit)
    return show(
        request,
        "audit.html",
        rows=(),
        emergencies=emergencies,
        names=names,
        user=None,
        patient=None,
        following=None,
        closed=True,
        reason=reason,
    )


def ask_emergency(request: Request, patient: Id) -> Response:
    """Ask why somebody outside the care team must look."""
    return show(request, "emergency.html", patient=patient)


def open_emergency(request: Request, patient: Id, caller: Asking, clinic: Wired) -> Response:
    """Open a patient of others for an hour."""
    patients.open_emergency(patient, fill(Emergency, request), caller, clinic)
    return go(f"/patients/{patient}")


def list_users(request: Request, caller: Asking, clinic: Wired) -> Response:
    """Show who works here."""
    return _show_users(request, caller, clinic)


def create_user(request: Request, caller: Asking, clinic: Wired) -> Response:
    """Add a user; a secret for one-time codes is shown on this answer and never again."""
    typed = request.state.form
    request.state.form = typed | {"codes": "codes" in typed}  # a box that is not ticked is not sent
    form: NewUser = fill(NewUser, request)
    _, secret = people.admit_user(form, caller, clinic)
    return _show_users(request, caller, clinic, enrolment=Enrolment(form.name, secret)) if secret else go("/users")


def change_role(request: Request, user: Id, caller: Asking, clinic: Wired) -> Response:
    """Give a user another role; where that is refused, the page says so and keeps what was chosen."""
    form = fill(NewRole, request)
    try:
        people.change_role(user, form, caller, clinic)
    except LockoutRefused:
        return _show_users(request, caller, clinic, refused=True, chosen={user: form.role})
    return go("/users")


def lock_user(request: Request, user: Id, caller: Asking, clinic: Wired) -> Response:
    """Lock a user out at once; where that is refused, the page says so."""
    try:
        people.lock_out(user, caller, clinic)
    except LockoutRefused:
        return _show_users(request, caller, clinic, refused=True)
    return go("/users")


def unlock_user(user: Id, caller: Asking, clinic: Wired) -> Response:
    """Let a user who was locked out sign in again."""
    people.unlock(user, caller, clinic)
    return go("/users")


def reset_second_factor(request: Request, user: Id, caller: Asking, clinic: Wired) -> Response:
    """Give a user another secret for one-time codes, which is shown on this answer and never again."""
    with clinic.store.visit(caller.actor) as visit:
        name, secret = renew_factor(visit, user)
    return _show_users(request, caller, clinic, enrolment=Enrolment(name, secret))


def _show_users(
    request: Request,
    caller: Asking,
    clinic: Wired,
    *,
    enrolment: Enrolment | None = None,
    refused: bool = False,
    chosen: Mapping[str, str] = _NONE,
) -> Response:
    """Show the users; `chosen` holds roles that were chosen and refused, by user."""
    with clinic.store.visit(caller.actor) as visit:
        members = sorted(list_people(visit), key=lambda person: person.name)
    return show(
        request,
        "users.html",
        http_status=STATUSES[LockoutRefused] if refused else HTTPStatus.OK,
        members=members,
        roles=PERSONS,
        me=caller.actor.user,
        enrolment=enrolment,
        refused=refused,
        chosen=chosen,
    )
