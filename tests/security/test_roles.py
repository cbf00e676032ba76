"""The table of rights against an independent one, in all its cells, owners and strangers; and the broken glass."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from flexura.errors import Forbidden, GlassUnbroken
from flexura.security.roles import GLASS_OPENS, GRANTS, REASONS, ROLES, Scope, break_glass, permit
from flexura.security.verbs import VERBS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REASON = "Seizure in the emergency room"

# Written from the description of the roles, not from the code: what each may do with patients of its own care
# team, and with everybody's. What is not named here is forbidden.
OWN = {
    "clinician": """patient.read patient.update patient.export case.create case.read photo.add photo.check photo.read
        assessment.request assessment.read review.write review.read outcome.record outcome.read care.assign""",
    "nurse": """patient.read patient.update case.create case.read photo.add photo.check photo.read
        assessment.request assessment.read review.read outcome.record outcome.read""",
}
FACTORS = "passkey.add passkey.remove passkey.ask passkey.use"
ALL = {
    "clinician": "patient.create patient.find glass.break session.open session.close " + FACTORS,
    "nurse": "patient.create patient.find session.open session.close " + FACTORS,
    "researcher": "session.open session.close " + FACTORS,
    "auditor": "audit.read audit.verify glass.review monitoring.run session.open session.close " + FACTORS,
    "administrator": """user.manage care.assign patient.delete key.rotate backup.make audit.verify research.reidentify
        monitoring.run metrics.read session.open session.close """
    + FACTORS,
    "device": "patient.find case.create photo.add",
    "worker": "case.read photo.read assessment.run assessment.read review.read outcome.read monitoring.read",
}
# With the password at the act itself.
SIGNED = {"administrator": "model.adopt"}
DEIDENTIFIED = {"researcher": "research.export"}


def _expected(role: str, verb: str, *, owns: bool) -> Scope | None:
    if verb in DEIDENTIFIED.get(role, "").split():
        return Scope.DEIDENTIFIED
    if verb in f"{ALL.get(role, '')} {SIGNED.get(role, '')}".split():
        return Scope.ALL
    return Scope.OWN if owns and verb in OWN.get(role, "").split() else None


@pytest.mark.parametrize(("role", "verb", "owns"), list(product(ROLES, VERBS, (True, False))))
def test_every_cell_of_the_table(role, verb, owns):
    expected = _expected(role, verb, owns=owns)
    if expected is None:
        with pytest.raises(Forbidden):
            permit(role, verb, owns=owns)
    else:
        assert permit(role, verb, owns=owns) is expected


def test_the_table_has_every_verb_every_role_and_a_reason_for_each_row():
    assert set(GRANTS) == set(product(ROLES, VERBS))
    assert set(REASONS) == set(VERBS)
    assert all(REASONS.values())


def test_every_verb_is_somebodys():
    assert {verb for (_, verb), scope in GRANTS.items() if scope is not Scope.NO} == set(VERBS)


def test_a_device_sees_nothing_of_any_patient():
    allowed = {verb for (role, verb), scope in GRANTS.items() if role == "device" and scope is not Scope.NO}
    assert allowed
    assert not [verb for verb in allowed if VERBS[verb].reads]


def test_a_researcher_sees_nothing_but_deidentified_data():
    allowed = {verb: scope for (role, verb), scope in GRANTS.items() if role == "researcher" and VERBS[verb].of_patient}
    assert set(allowed.values()) == {Scope.NO, Scope.DEIDENTIFIED}


@pytest.mark.parametrize("role", ["", "root", "Clinician"])
def test_a_role_that_is_not_in_the_table_may_nothing(role):
    for verb in VERBS:
        with pytest.raises(Forbidden):
            permit(role, verb, owns=True, glass=True)


def test_a_verb_that_is_not_in_the_table_is_nobodys():
    for role in ROLES:
        with pytest.raises(Forbidden):
            permit(role, "patient.steal", owns=True, glass=True)


@pytest.mark.parametrize(("role", "verb"), list(product(ROLES, VERBS)))
def test_a_broken_glass_opens_looking_to_clinicians_and_nothing_else(role, verb):
    looking = {"patient.read", "case.read", "photo.read", "assessment.read", "review.read", "outcome.read"}
    assert looking == GLASS_OPENS
    opened = role == "clinician" and verb in looking
    if opened or _expected(role, verb, owns=False):
        assert permit(role, verb, glass=True)
    else:
        with pytest.raises(Forbidden):
            permit(role, verb, glass=True)


def test_a_glass_is_open_for_an_hour_to_one_user_and_one_patient():
    glass = break_glass("u1", "p1", REASON, second_factor_at=NOW - timedelta(minutes=5), now=NOW)
    assert glass.opens("u1", "p1", now=NOW)
    assert glass.opens("u1", "p1", now=NOW + timedelta(minutes=59))
    assert not glass.opens("u1", "p1", now=NOW + timedelta(hours=1))
    assert not glass.opens("u1", "p1", now=NOW - timedelta(seconds=1))
    assert not glass.opens("u2", "p1", now=NOW)
    assert not glass.opens("u1", "p2", now=NOW)
    assert REASON not in repr(glass)


@pytest.mark.parametrize("reason", ["", "urgent", "..............", "1234567890 ab"])
def test_a_glass_needs_a_reason(reason):
    with pytest.raises(GlassUnbroken):
        break_glass("u1", "p1", reason, second_factor_at=NOW, now=NOW)


@pytest.mark.parametrize("given", [None, NOW - timedelta(minutes=5, seconds=1), NOW + timedelta(seconds=1)])
def test_a_glass_needs_a_fresh_second_factor(given):
    with pytest.raises(GlassUnbroken):
        break_glass("u1", "p1", REASON, second_factor_at=given, now=NOW)
