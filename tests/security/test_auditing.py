"""Audit events as FHIR: the elements and codes that BALP fixes, per interaction."""

from datetime import UTC, datetime

import pytest

from flexura.security.audit import AuditEvent
from flexura.security.auditing import to_fhir
from flexura.security.verbs import VERBS

EVENT = AuditEvent(
    id="e1",
    at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    tenant="clinic",
    user="u1",
    role="clinician",
    verb="case.read",
    patient="p1",
    entity="cases/c1",
    address="192.0.2.7",
    purpose="TREAT",
)

# verb, interaction, action, client's and server's agent type: BALP's profiles Create, Read, Update, Delete, Query.
BALP = [
    ("case.create", "create", "C", "110153", "110152"),
    ("case.read", "read", "R", "110152", "110153"),
    ("patient.update", "update", "U", "110153", "110152"),
    ("patient.delete", "delete", "D", "110150", "110150"),
    ("patient.find", "search", "E", "110153", "110152"),
]


def _written(**changes):
    return to_fhir(AuditEvent(**vars(EVENT) | changes), server="clinic-1")


@pytest.mark.parametrize(("verb", "interaction", "action", "client", "server"), BALP)
def test_the_codes_of_balp(verb, interaction, action, client, server):
    resource = _written(verb=verb)
    assert resource["type"]["code"] == "rest"
    assert resource["subtype"][0]["code"] == interaction
    assert resource["action"] == action
    assert [agent["type"]["coding"][0]["code"] for agent in resource["agent"]] == [client, server, "IRCP"]


def test_patient_and_record_are_entities():
    patient, record = _written()["entity"]
    assert (patient["type"]["code"], patient["role"]["code"]) == ("1", "1")
    assert patient["what"] == {"reference": "Patient/p1"}
    assert (record["type"]["code"], record["role"]["code"]) == ("2", "4")
    assert record["what"]["identifier"] == {"system": "urn:flexura:cases", "value": "c1"}


def test_who_when_from_where_and_why():
    resource = _written()
    client, server, user = resource["agent"]
    assert resource["recorded"] == "2026-03-01T12:00:00.000+00:00"
    assert client["network"] == {"address": "192.0.2.7", "type": "2"}
    assert server["who"]["display"] == resource["source"]["site"] == "clinic-1"
    assert user["who"]["identifier"]["value"] == "u1"
    assert user["purposeOfUse"][0]["coding"][0]["code"] == "TREAT"
    assert [agent["requestor"] for agent in resource["agent"]] == [False, False, True]


@pytest.mark.parametrize(("outcome", "code"), [("success", "0"), ("refused", "4"), ("failed", "8")])
def test_outcomes(outcome, code):
    assert _written(outcome=outcome)["outcome"] == code


def test_why_something_failed_is_the_outcomes_description():
    assert "outcomeDesc" not in _written()
    assert _written(outcome="failed", reason="photo_unfit too_dark")["outcomeDesc"] == "photo_unfit too_dark"


def test_what_is_not_known_is_left_out():
    resource = _written(address=None, purpose=None, patient=None, entity=None)
    assert "network" not in resource["agent"][0]
    assert "purposeOfUse" not in resource["agent"][2]
    assert resource["entity"] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_can_be_written(verb):
    assert _written(verb=verb)["subtype"][1]["code"] == verb
