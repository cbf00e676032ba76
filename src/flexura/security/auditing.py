"""Audit events as FHIR R4 AuditEvent resources, in the shape of IHE's Basic Audit Log Patterns (BALP 1.1.3).

https://profiles.ihe.net/ITI/BALP: server, client and user as agents, the patient and the touched record as entities.
A refused or failed event has the same shape with its own outcome.
"""

from collections.abc import Mapping
from datetime import UTC
from types import MappingProxyType
from typing import Any, Final

from flexura.security.audit import AuditEvent, Outcome
from flexura.security.verbs import ACTIONS, VERBS, Interaction

_TERMS: Final = "http://terminology.hl7.org/CodeSystem"
_DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"

# http://terminology.hl7.org/CodeSystem/audit-event-outcome: success, minor (refused) and serious failure.
_OUTCOMES: Final[Mapping[Outcome, str]] = MappingProxyType({"success": "0", "refused": "4", "failed": "8"})

# BALP: what is written flows from client to server, what is read from server to client; deleting moves nothing.
_CLIENT_AND_SERVER: Final[Mapping[Interaction, tuple[str, str]]] = MappingProxyType(
    {
        "create": ("110153", "110152"),
        "update": ("110153", "110152"),
        "read": ("110152", "110153"),
        "search": ("110153", "110152"),
        "operation": ("110153", "110152"),
        "delete": ("110150", "110150"),
    }
)
_AGENT_WORDS: Final = MappingProxyType(
    {"110150": "Application", "110152": "Destination Role ID", "110153": "Source Role ID"}
)


def to_fhir(event: AuditEvent, *, server: str) -> dict[str, Any]:
    """Give an event as a FHIR AuditEvent.

    Parameters
    ----------
    event : AuditEvent
        With a verb of `VERBS`.
    server : str
        The name of the machine that recorded it.

    Returns
    -------
    dict[str, Any]
        JSON-ready. An address that is not known is left out.
    """
    interaction = VERBS[event.verb].interaction
    return {
        "resourceType": "AuditEvent",
        "id": event.id,
        "type": {"system": f"{_TERMS}/audit-event-type", "code": "rest", "display": "RESTful Operation"},
        "subtype": [
            {"system": "http://hl7.org/fhir/restful-interaction", "code": interaction},
            {"system": "urn:flexura:verb", "code": event.verb},
        ],
        "action": ACTIONS[interaction],
        "recorded": event.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "outcome": _OUTCOMES[event.outcome],
        **({"outcomeDesc": event.reason} if event.reason else {}),
        "agent": _agents(event, interaction, server),
        "source": {
            "site": server,
            "observer": {"display": "flexura"},
            "type": [{"system": f"{_TERMS}/security-source-type", "code": "4", "display": "Application Server"}],
        },
        "entity": _entities(event),
    }


def _agents(event: AuditEvent, interaction: Interaction, server: str) -> list[dict[str, Any]]:
    client_code, server_code = _CLIENT_AND_SERVER[interaction]
    client = _machine(client_code, event.address or "client of unknown address", event.address)
    user: dict[str, Any] = {
        "type": {"coding": [{"system": f"{_TERMS}/v3-ParticipationType", "code": "IRCP"}]},
        "who": {"identifier": {"system": "urn:flexura:users", "value": event.user}},
        "role": [{"coding": [{"system": "urn:flexura:roles", "code": event.role}]}],
        "requestor": True,
    }
    if event.purpose:
        user["purposeOfUse"] = [{"coding": [{"system": f"{_TERMS}/v3-ActReason", "code": event.purpose}]}]
    return [client, _machine(server_code, server, None), user]


def _machine(code: str, name: str, address: str | None) -> dict[str, Any]:
    agent: dict[str, Any] = {
        "type": {"coding": [{"system": _DICOM, "code": code, "display": _AGENT_WORDS[code]}]},
        "who": {"display": name},
        "requestor": False,
    }
    return agent | ({"network": {"address": address, "type": "2"}} if address else {})


def _entities(event: AuditEvent) -> list[dict[str, Any]]:
    entities = []
    if event.patient:
        entities.append(_entity("1", "1", {"reference": f"Patient/{event.patient}"}))
    if event.entity:
        table, _, record = event.entity.partition("/")
        entities.append(_entity("2", "4", {"identifier": {"system": f"urn:flexura:{table}", "value": record}}))
    return entities


def _entity(kind: str, role: str, what: dict[str, Any]) -> dict[str, Any]:
    return {
        "what": what,
        "type": {"system": f"{_TERMS}/audit-entity-type", "code": kind},
        "role": {"system": f"{_TERMS}/object-role", "code": role},
    }
