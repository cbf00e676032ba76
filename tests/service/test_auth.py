"""Who is let in, by session or token; and every role on every route, held against the table of roles."""

from datetime import timedelta

import pytest
from pyotp import TOTP
from sqlalchemy import insert

from flexura.security.roles import GLASS_OPENS, GRANTS, ROLES, Scope
from flexura.service.auth import COOKIE, COUNTER_HEADER, make_counter_token
from flexura.service.routes import ROUTES
from flexura.storage.auditlog import search
from flexura.storage.database import begin
from flexura.storage.store import Actor
from flexura.storage.tables import CARE_TEAMS
from flexura.storage.users import add_token, require_codes

PASSWORD = "seven green ladders"
ADMIN = Actor("clinic", "console", "administrator")
PERSONS = [role for role in ROLES if role not in {"worker", "device"}]
GUARDED = [route for route in ROUTES if route.verb is not None]
NOBODY = "0" * 32


def _name(route):
    return f"{route.method} {route.path}"


def _sign_in(http, **changes):
    return http.post("/session", json={"name": "clinician", "password": PASSWORD} | changes)


def _ask(http, route, **ids):
    """Ask a route with a body that is fit for none or any of them: refusals of roles come first."""
    known = dict.fromkeys(("case", "photo", "assessment", "user", "job", "emergency"), NOBODY)
    known |= dict.fromkeys(("token", "passkey"), 2 * NOBODY)
    path = route.path.format_map(known | ids)
    body = {"photo.add": b"not a photo"}.get(route.verb, b"{}" if route.method in {"POST", "PUT"} else None)
    return http.request(route.method, path, content=body)


def _is_refused_for_the_role(answer):
    return answer.status_code == 403 and answer.json()["detail"] == "This role may not do this."


@pytest.mark.parametrize("route", GUARDED, ids=_name)
def test_nobody_gets_in_without_showing_who_they_are(client, route):
    for headers in ({}, {"Authorization": "Bearer ft_wrong"}, {"Cookie": f"{COOKIE}=fs_wrong"}, {"Authorization": "x"}):
        http = client()
        http.headers.update(headers)
        answer = _ask(http, route, patient=NOBODY)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("role", PERSONS)
def test_a_route_is_open_to_a_role_exactly_if_the_table_grants_its_verb(client, role):
    http = client(role)
    for route in GUARDED:
        refused = _is_refused_for_the_role(_ask(http, route, patient=NOBODY))
        assert refused == (GRANTS[role, route.verb] is Scope.NO), _name(route)


# What needs no more than the patient's id to reach the data.
OF_PATIENT = {
    "patient.read": lambda http, at: http.get(f"/patients/{at}"),
    "patient.export": lambda http, at: http.get(f"/patients/{at}/export"),
    "care.assign": lambda http, at: http.put(f"/patients/{at}/care-team/{NOBODY}"),
    "case.create": lambda http, at: http.post(f"/patients/{at}/cases", json={}),
    "case.read": lambda http, at: http.get(f"/patients/{at}/cases"),
    "patient.delete": lambda http, at: http.delete(f"/patients/{at}"),
}


@pytest.mark.parametrize("owns", [True, False], ids=["care team", "stranger"])
@pytest.mark.parametrize("role", PERSONS)
def test_own_and_strange_patients_by_role(client, people, store, patient, role, owns):
    http = client(role, f"second {role}")
    if owns:
        with begin(store.engine) as connection:
            connection.execute(insert(CARE_TEAMS).values(patient=patient, user_id=people.ids[f"second {role}"]))
    for verb, ask in OF_PATIENT.items():
        allowed = GRANTS[role, verb] is Scope.ALL or (owns and GRANTS[role, verb] is Scope.OWN)
        assert (ask(http, patient).status_code < 300) == allowed, verb


def _of_case(case, photo, content=b"photo"):
    at = f"/cases/{case}"
    yield "case.read", "GET", at, None
    yield "photo.read", "GET", f"{at}/photos/{photo}", None
    yield "photo.add", "POST", f"{at}/photos", content
    yield "assessment.request", "POST", f"{at}/photos/{photo}/assessments", None
    yield "assessment.request", "POST", f"{at}/photos/{photo}/jobs", None
    yield "assessment.read", "GET", f"{at}/assessments", None
    yield "review.read", "GET", f"{at}/reviews", None
    yield "outcome.read", "GET", f"{at}/outcomes", None
    yield "outcome.record", "POST", f"{at}/outcomes", {"observed_on": "2026-04-01"}


def _send(http, method, path, body):
    sent = {"json": body} if isinstance(body, dict) else {"content": body}
    return http.request(method, path, **sent)


@pytest.mark.parametrize("role", PERSONS)
def test_cases_of_strange_patients_are_closed_to_every_role(client, role, case, photo):
    http = client(role, f"second {role}")
    for verb, method, path, body in _of_case(case, photo):
        answer = _send(http, method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), verb


def test_the_care_team_reaches_all_of_a_case(doctor, case, photo, skin_photo):
    for verb, method, path, body in _of_case(case, photo, skin_photo):
        assert _send(doctor, method, path, body).status_code < 300, verb


def test_another_tenants_ids_are_not_there(client, doctor, patient):
    assert doctor.get(f"/patients/{NOBODY}").status_code == 404
    assert doctor.get(f"/cases/{NOBODY}").status_code == 404


def test_a_session_reads_with_its_cookie_and_changes_with_its_counter_token(client, people):
    people.add("clinician", "clinician")
    http = client()
    answer = _sign_in(http)
    assert answer.status_code == 200
    counter = answer.json()["csrf_token"]
    assert http.get("/patients").status_code == 200
    person = {"number": "MRN-1", "name": "Jane Doe"}
    for headers in ({}, {COUNTER_HEADER: ""}, {COUNTER_HEADER: "0" * 64}, {COUNTER_HEADER: "ä".encode()}):
        refused = http.post("/patients", json=person, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "cross_site")
    assert http.post("/patients", json=person, headers={COUNTER_HEADER: counter}).status_code == 201
    assert http.get("/session").json() == {
        "user": people.ids["clinician"], "role": "clinician", "csrf_token": counter
    }  # fmt: skip


def test_the_cookie_is_kept_from_scripts_plain_connections_and_other_sites(client, people):
    people.add("clinician", "clinician")
    cookie = _sign_in(client()).headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=fs_")
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly", "secure", "samesite=strict", "path=/", "max-age=43200"
    }  # fmt: skip


def test_the_counter_token_is_of_one_session():
    assert make_counter_token("fs_1") != make_counter_token("fs_2")
    assert "fs_1" not in make_counter_token("fs_1")


@pytest.mark.parametrize("wrong", [{"password": "seven red ladders"}, {"name": "nobody"}, {"tenant": "elsewhere"}])
def test_what_is_wrong_at_sign_in_is_not_said(client, people, wrong):
    people.add("clinician", "clinician")
    answer = _sign_in(client(), **wrong)
    assert (answer.status_code, answer.json()["detail"]) == (401, "Name, password or second factor is wrong.")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("field", ["name", "tenant"])
def test_what_no_database_takes_is_no_name(client, people, field):
    people.add("clinician", "clinician")
    assert _sign_in(client(), **{field: "a\0b"}).status_code == 422


def test_a_one_time_code_is_asked_for_and_good_once(client, people, store, clock):
    people.add("clinician", "clinician")
    with store.visit(ADMIN) as visit:
        secret = require_codes(visit, people.ids["clinician"])
    code = TOTP(secret).at(clock.now)
    assert _sign_in(client()).status_code == 401
    assert _sign_in(client(), code=code).status_code == 200
    assert _sign_in(client(), code=code).status_code == 401


def test_sign_in_slows_down(client, people):
    people.add("clinician", "clinician")
    answers = [_sign_in(client(), password=f"seven red ladders {n}").status_code for n in range(7)]
    assert answers[0] == 401
    assert answers[-1] == 429


def test_a_session_ends_when_idle_and_when_signed_out(client, people, clock):
    people.add("clinician", "clinician")
    http = client()
    counter = _sign_in(http).json()["csrf_token"]
    secret = http.cookies[COOKIE]
    assert http.delete("/session", headers={COUNTER_HEADER: counter}).status_code == 204
    again = client()
    again.headers["Cookie"] = f"{COOKIE}={secret}"
    assert again.get("/session").status_code == 401
    idle = client()
    _sign_in(idle)
    clock.move(minutes=15)
    assert idle.get("/session").status_code == 401


def test_a_token_is_good_for_its_verbs_only_and_is_not_signed_out(client, people, store):
    people.add("clinician", "clinician")
    with store.visit(ADMIN) as visit:
        issued = add_token(visit, people.ids["clinician"], frozenset({"patient.find"}), lasts=timedelta(days=1))
    http = client()
    http.headers["Authorization"] = f"Bearer {issued.secret}"
    assert http.post("/patients/search", json={"number": "MRN-1"}).json() == {"id": None}
    assert http.post("/patients", json={"number": "MRN-1", "name": "Jane"}).status_code == 403
    assert client("nurse").delete("/session").status_code == 403


def test_refusals_and_addresses_stand_in_the_log(client, people, store, patient):
    client("nurse").get(f"/patients/{patient}")
    client("auditor").get(f"/patients/{patient}")
    with begin(store.engine) as connection:
        *_, by_nurse = search(connection, "clinic", user=people.ids["nurse"])
        *_, by_auditor = search(connection, "clinic", user=people.ids["auditor"])
    assert (by_nurse.verb, by_nurse.outcome, by_nurse.patient) == ("patient.read", "refused", patient)
    assert (by_nurse.address, by_nurse.purpose) == ("192.0.2.7", "TREAT")
    assert (by_auditor.verb, by_auditor.outcome, by_auditor.purpose) == ("patient.read", "refused", None)


def test_breaking_the_glass_opens_reading_alone(client, people, clock, patient, case, photo):
    other = "second clinician"
    people.add(other, "clinician")
    with people.store.visit(ADMIN) as visit:
        secret = require_codes(visit, people.ids[other])
    http = client()
    counter = _sign_in(http, name=other, code=TOTP(secret).at(clock.now)).json()["csrf_token"]
    http.headers[COUNTER_HEADER] = counter
    assert http.get(f"/patients/{patient}").status_code == 403
    broken = http.post(f"/patients/{patient}/emergency", json={"reason": "Seizure in the emergency room"})
    assert (broken.status_code, broken.json()["closes_at"][:16]) == (201, "2026-03-01T13:00")
    assert "patient.read" in GLASS_OPENS
    assert http.get(f"/patients/{patient}").status_code == 200
    assert http.get(f"/cases/{case}/photos/{photo}").status_code == 200
    assert http.post(f"/cases/{case}/photos", content=b"photo").status_code == 403
    clock.move(minutes=14)
    tokens = client("clinician", other)
    late = tokens.post(f"/patients/{patient}/emergency", json={"reason": "Seizure in the emergency room"})
    assert (late.status_code, late.json()["code"]) == (403, "glass_unbroken")
