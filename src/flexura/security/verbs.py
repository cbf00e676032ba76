"""The verbs that touch a clinic's data: one table from which access control and audit log take their words.

`interaction` is FHIR's word for it (http://hl7.org/fhir/restful-interaction); its audit action follows from that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Interaction = Literal["create", "read", "update", "delete", "search", "operation"]

# http://hl7.org/fhir/R4/valueset-audit-event-action.html: create, read, update, delete, execute.
ACTIONS: Final[Mapping[Interaction, str]] = MappingProxyType(
    {"create": "C", "read": "R", "update": "U", "delete": "D", "search": "E", "operation": "E"}
)


@dataclass(frozen=True)
class Verb:
    """One verb; `of_patient` where it touches one patient's data, `reads` where it changes nothing."""

    name: str
    interaction: Interaction
    of_patient: bool

    @property
    def reads(self) -> bool:
        """Whether the verb only looks."""
        return self.interaction == "read"


_ROWS: Final = (
    Verb("patient.create", "create", of_patient=True),
    Verb("patient.read", "read", of_patient=True),
    Verb("patient.find", "search", of_patient=True),
    Verb("patient.update", "update", of_patient=True),
    Verb("patient.delete", "delete", of_patient=True),
    Verb("patient.export", "operation", of_patient=True),
    Verb("case.create", "create", of_patient=True),
    Verb("case.read", "read", of_patient=True),
    Verb("photo.add", "create", of_patient=True),
    Verb("photo.check", "operation", of_patient=True),
    Verb("photo.read", "read", of_patient=True),
    Verb("assessment.request", "operation", of_patient=True),
    Verb("assessment.run", "create", of_patient=True),
    Verb("assessment.read", "read", of_patient=True),
    Verb("review.write", "create", of_patient=True),
    Verb("review.read", "read", of_patient=True),
    Verb("outcome.record", "create", of_patient=True),
    Verb("outcome.read", "read", of_patient=True),
    Verb("research.export", "operation", of_patient=True),
    Verb("research.reidentify", "operation", of_patient=True),
    Verb("monitoring.run", "operation", of_patient=False),
    Verb("monitoring.read", "read", of_patient=True),
    Verb("model.adopt", "update", of_patient=False),
    Verb("care.assign", "update", of_patient=True),
    Verb("glass.break", "operation", of_patient=True),
    Verb("glass.review", "update", of_patient=True),
    Verb("audit.read", "search", of_patient=False),
    Verb("audit.verify", "operation", of_patient=False),
    Verb("user.manage", "update", of_patient=False),
    Verb("metrics.read", "search", of_patient=False),
    Verb("session.open", "operation", of_patient=False),
    Verb("session.close", "operation", of_patient=False),
    Verb("passkey.add", "create", of_patient=False),
    Verb("passkey.remove", "delete", of_patient=False),
    Verb("passkey.ask", "operation", of_patient=False),
    Verb("passkey.use", "operation", of_patient=False),
    Verb("key.rotate", "operation", of_patient=False),
    Verb("backup.make", "operation", of_patient=False),
)

VERBS: Final[Mapping[str, Verb]] = MappingProxyType({verb.name: verb for verb in _ROWS})
