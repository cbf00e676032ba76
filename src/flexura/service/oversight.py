"""What auditors see: the audit log, searched and verified, and the emergency accesses that wait for their review."""

import socket
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime

from flexura.security.audit import AuditEvent, write_checkpoint
from flexura.security.auditing import to_fhir
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import (
    PLAIN,
    AuditedEvent,
    AuditedEvents,
    AuditFinding,
    Emergencies,
    EmergencyToReview,
    Id,
    OpenedReason,
    Verification,
)
from flexura.service.paging import Paging
from flexura.storage import auditlog, patients
from flexura.storage.auditlog import Wanted
from flexura.storage.pages import ALL
from flexura.storage.store import Visit

_PAGE = 200


def _wanted(
    patient: Id | None = None,
    user: Annotated[str | None, Query(max_length=128, pattern=PLAIN)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Wanted:
    return Wanted(patient, user, since, until)


Asked = Annotated[Wanted, Depends(_wanted)]
Limit = Annotated[int, Query(ge=1, le=_PAGE)]
After = Annotated[int, Query(ge=0, le=2**31 - 1, description="The `next` of the page before.")]


def search_audit(caller: Asking, clinic: Wired, asked: Asked, limit: Limit = _PAGE, after: After = 0) -> AuditedEvents:
    """Search the audit log by patient, user and time, oldest first; times need their zone."""
    with clinic.store.visit(caller.actor) as visit:
        rows = list(_find(visit, asked, limit, after))
    items = [AuditedEvent(number=number, **vars(event)) for number, event in rows]
    return AuditedEvents(items=items, next=rows[-1][0] if len(rows) == limit else None)


def export_audit(
    request: Request, caller: Asking, clinic: Wired, asked: Asked, limit: Limit = _PAGE, after: After = 0
) -> dict[str, Any]:
    """Give the same events as a FHIR R4 Bundle of AuditEvents, in the shape of IHE's Basic Audit Log Patterns."""
    server = socket.gethostname()
    with clinic.store.visit(caller.actor) as visit:
        rows = list(_find(visit, asked, limit, after))
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    if len(rows) == limit:
        following = request.url.include_query_params(after=rows[-1][0])
        bundle["link"] = [{"relation": "next", "url": f"{following.path}?{following.query}"}]
    return bundle | {"entry": [{"resource": to_fhir(event, server=server)} for _, event in rows]}


def verify_audit(caller: Asking, clinic: Wired) -> Verification:
    """Hold the audit log against itself; the checkpoint is to be kept where this machine cannot reach it."""
    with clinic.store.visit(caller.actor) as visit:
        visit.record("audit.verify")
        findings = auditlog.verify(visit.connection, key=visit.tenant_key())
        checkpoint = auditlog.current_checkpoint(visit.connection, caller.actor.tenant)
    return Verification(
        findings=[AuditFinding(**vars(finding)) for finding in findings],
        size=checkpoint.size,
        checkpoint=write_checkpoint(checkpoint),
    )


def list_emergencies(caller: Asking, clinic: Wired, page: Paging = ALL) -> Emergencies:
    """List the emergency accesses that nobody has reviewed, oldest first."""
    with clinic.store.visit(caller.actor) as visit:
        items = [EmergencyToReview(**vars(row)) for row in patients.list_emergencies(visit, page)]
    return Emergencies(items=items, next=page.next_after([item.id for item in items]))


def review_emergency(emergency: Id, caller: Asking, clinic: Wired) -> OpenedReason:
    """Take an emergency access off the list, and read the reason that was given for it."""
    with clinic.store.visit(caller.actor) as visit:
        return OpenedReason(reason=patients.review_emergency(visit, emergency))


def _find(visit: Visit, asked: Wanted, limit: int, after: int) -> Iterator[tuple[int, AuditEvent]]:
    visit.record("audit.read")
    return auditlog.find_events(visit.connection, visit.actor.tenant, asked, after=after, limit=limit)
