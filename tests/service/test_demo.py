"""The demo: its patients and visits, and that its sign-in is shown there and nowhere else."""

import re
from collections import Counter

import pytest
from starlette.testclient import TestClient

from flexura.errors import NotAuthenticated
from flexura.records import SIGN_NAMES
from flexura.service.app import make_app
from flexura.service.demo import VISITS
from flexura.storage.credentials import Credentials, sign_in
from flexura.storage.store import Actor
from flexura.storage.users import PERSONS, recognise_session
from flexura.storage.worklist import list_work

PASSWORD = "only for this demo"


def _browser(clinic):
    return TestClient(make_app(clinic), base_url="https://clinic.test", follow_redirects=False)


def test_every_role_signs_in_with_the_shown_password_and_no_other(demo):
    for name in PERSONS:
        issued = sign_in(demo.store, Credentials("clinic", name, PASSWORD), cost=demo.hash_cost)
        assert recognise_session(demo.store, issued.secret)[0].role == name
    with pytest.raises(NotAuthenticated):
        sign_in(demo.store, Credentials("clinic", "clinician", "another one"), cost=demo.hash_cost)


def test_the_clinicians_worklist_holds_cases_of_every_status_oldest_first(demo):
    issued = sign_in(demo.store, Credentials("clinic", "clinician", PASSWORD), cost=demo.hash_cost)
    actor = recognise_session(demo.store, issued.secret)[0]
    with demo.store.visit(actor) as visit:
        rows = list_work(visit, status=None, after=None, limit=50)
    own = [told for told in VISITS if told.by == "clinician"]
    assert [row.identity.number for row in rows] == [told.number for told in own]
    reviewed = sum(told.review is not None for told in own)
    waiting = sum(told.skin is None for told in own)
    wanted = {"reviewed": reviewed, "waiting": waiting, "assessed": len(own) - reviewed - waiting}
    assert Counter(row.status for row in rows) == wanted
    days = [(demo.store.clock() - row.created_at).days for row in rows]
    assert days == [told.days_ago for told in own]


def test_one_patient_is_of_a_colleague(demo):
    other = [told for told in VISITS if told.by != "clinician"]
    assert len(other) == 1
    with demo.store.visit(Actor("clinic", other[0].by, "clinician")) as visit:
        assert [row.identity.number for row in list_work(visit, status=None, after=None, limit=9)] == ["D-2001"]


def test_skin_of_the_demo_is_pale_brown_and_dark(demo):
    tones = {told.skin.tone for told in VISITS if told.skin}
    assert min(tones) <= 3
    assert max(tones) >= 9
    assert all(len(told.skin.signs) == len(SIGN_NAMES) for told in VISITS if told.skin)


def test_its_pages_say_that_it_is_a_demo_and_fill_in_the_sign_in(demo, clinic):
    page = _browser(demo).get("/sign-in").text
    assert "rendered and never existed" in page
    assert re.search(r'name="name"[^>]*value="clinician"', page)
    assert f'value="{PASSWORD}"' in page
    plain = _browser(clinic).get("/sign-in").text
    assert "rendered" not in plain
    assert not re.search(r'value="[^"]', plain)
