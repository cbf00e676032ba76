"""Users over the web, for administrators: added, listed, given a role, locked out; tokens made and ended."""

import pytest
from pyotp import TOTP, parse_uri

from flexura.service.auth import COOKIE
from flexura.storage.auditlog import search
from flexura.storage.database import begin

NOBODY = "0" * 32
JOSE = {"name": "jose", "role": "nurse", "password": "nine copper kettles"}


@pytest.fixture
def admin(client):
    return client("administrator")


def _sign_in(http, **more):
    return http.post("/session", json={"name": "jose", "password": JOSE["password"]} | more)


def test_a_new_user_signs_in_with_the_code_that_was_told_once(admin, client, clock):
    made = admin.post("/users", json=JOSE)
    assert made.status_code == 201, made.text
    code = parse_uri(made.json()["code_uri"])
    assert _sign_in(client()).status_code == 401
    assert _sign_in(client(), code=TOTP(code.secret).at(clock.now)).status_code == 200
    assert "code_uri" not in admin.get("/users").text


def test_users_are_listed_by_page_without_their_secrets(admin, people):
    made = admin.post("/users", json=JOSE | {"codes": False}).json()["id"]
    first = admin.get("/users", params={"limit": 1}).json()
    rest = admin.get("/users", params={"after": first["next"]}).json()
    users = {user["id"]: user for user in first["items"] + rest["items"]}
    assert (len(users), rest["next"]) == (2, None)
    assert users[made] == {
        "id": made, "name": "jose", "role": "nurse", "codes": False, "passkeys": 0,
        "created_at": "2026-03-01T12:00:00Z", "disabled_at": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"name": "administrator"}, 409, "store_conflict"),
        ({"password": "short"}, 422, "password_unfit"),
        ({"role": "worker"}, 422, "request_unfit"),
        ({"name": ""}, 422, "request_unfit"),
    ],
)
def test_unfit_users_are_refused(admin, changed, status, code):
    refused = admin.post("/users", json=JOSE | changed)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_another_role_holds_at_once_and_ends_what_the_old_one_had(admin, client):
    user = admin.post("/users", json=JOSE | {"codes": False}).json()["id"]
    http = client()
    _sign_in(http)
    assert http.get("/session").json()["role"] == "nurse"
    assert admin.put(f"/users/{user}/role", json={"role": "auditor"}).status_code == 204
    assert http.get("/session").status_code == 401
    _sign_in(http)
    assert http.get("/session").json()["role"] == "auditor"


def test_who_is_locked_out_is_out_at_once_and_stays_on_the_list(admin, client, clock):
    user = admin.post("/users", json=JOSE | {"codes": False}).json()["id"]
    http = client()
    _sign_in(http)
    assert admin.delete(f"/users/{user}").status_code == 204
    since = clock.now
    clock.move(minutes=1)
    assert admin.delete(f"/users/{user}").status_code == 204
    assert http.get("/session").status_code == 401
    assert _sign_in(client()).status_code == 401
    (listed,) = [row for row in admin.get("/users").json()["items"] if row["id"] == user]
    assert listed["disabled_at"] == since.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_who_is_unlocked_signs_in_again_and_it_stands_in_the_log(admin, client, store):
    user = admin.post("/users", json=JOSE | {"codes": False}).json()["id"]
    http = client()
    _sign_in(http)
    admin.delete(f"/users/{user}")
    assert admin.post(f"/users/{user}/enable").status_code == 204
    with begin(store.engine) as connection:
        *_, last = search(connection, "clinic")
    assert (last.verb, last.entity, last.outcome) == ("user.manage", f"users/{user}", "success")
    assert http.get("/session").status_code == 401
    assert _sign_in(http).status_code == 200
    assert http.get("/session").json()["role"] == "nurse"


def test_an_administrator_keeps_the_own_access(admin, client, people):
    me = people.ids["administrator"]
    admin.post("/users", json=JOSE | {"role": "administrator"})
    for refused in (admin.delete(f"/users/{me}"), admin.put(f"/users/{me}/role", json={"role": "nurse"})):
        assert (refused.status_code, refused.json()["code"]) == (409, "lockout_refused")
    assert admin.get("/users").status_code == 200


def test_a_token_is_good_for_its_verbs_until_it_is_ended(admin, client):
    user = admin.post("/users", json=JOSE).json()["id"]
    made = admin.post(f"/users/{user}/tokens", json={"scopes": ["patient.find"], "days": 2}).json()
    assert made["ends_at"] == "2026-03-03T12:00:00Z"
    http = client()
    http.headers["Authorization"] = f"Bearer {made['secret']}"
    assert http.post("/patients/search", json={"number": "MRN-1"}).status_code == 200
    assert http.get("/patients").status_code == 403
    assert admin.delete(f"/tokens/{made['id']}").status_code == 204
    assert http.post("/patients/search", json={"number": "MRN-1"}).status_code == 401


def test_unfit_tokens_and_users_that_are_not_there_are_refused(admin):
    user = admin.post("/users", json=JOSE).json()["id"]
    assert admin.post(f"/users/{user}/tokens", json={"scopes": ["patient.steal"]}).json()["code"] == "token_unfit"
    for answer in (
        admin.delete(f"/users/{NOBODY}"),
        admin.post(f"/users/{NOBODY}/enable"),
        admin.put(f"/users/{NOBODY}/role", json={"role": "nurse"}),
        admin.post(f"/users/{NOBODY}/tokens", json={"scopes": ["patient.read"]}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_stored")


def test_nobody_else_manages_users(client):
    for role in ("clinician", "nurse", "researcher", "auditor"):
        assert client(role).post("/users", json=JOSE).status_code == 403
    assert COOKIE not in client("nurse").cookies
