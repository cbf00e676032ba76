"""The table of routes is all there is; its description is complete."""

import re

import pytest
from fastapi.routing import APIRoute

from flexura.security.verbs import VERBS
from flexura.service.problems import MEDIA_TYPE
from flexura.service.routes import PREFIX, ROUTES, failures
from flexura.service.web.pages import PAGES

# Independent of the table.
PUBLIC = {("GET", "/health"), ("GET", "/ready"), ("POST", "/session"), ("POST", "/session/passkey")}


def _served(app):
    return {(method, route.path) for route in app.routes for method in route.methods}


def test_the_application_serves_the_table_and_its_description_and_nothing_else(app):
    described = {("GET", f"{PREFIX}/openapi.json"), ("HEAD", f"{PREFIX}/openapi.json")}
    pages = {(page.method, page.path) for page in PAGES}
    assert _served(app) == {(route.method, PREFIX + route.path) for route in ROUTES} | described | pages


def test_every_route_but_four_is_guarded_by_a_verb_that_exists():
    assert {(route.method, route.path) for route in ROUTES if route.verb is None} == PUBLIC
    assert {route.verb for route in ROUTES if route.verb} <= VERBS.keys()


def test_every_guarded_route_asks_before_anything_else(app):
    for route in app.routes:
        if (
            isinstance(route, APIRoute)
            and route.include_in_schema
            and (min(route.methods), route.path.removeprefix(PREFIX)) not in PUBLIC
        ):
            assert "require" in route.dependant.dependencies[0].call.__qualname__, route.path


def test_nothing_that_names_a_person_is_in_an_address():
    fields = set(re.findall(r"{(\w+)}", " ".join(route.path for route in ROUTES)))
    assert fields == {"patient", "case", "photo", "assessment", "user", "job", "token", "emergency", "passkey"}


@pytest.fixture
def description(client):
    return client().get("/openapi.json").json()


def test_every_operation_says_who_may_and_how_it_fails(description):
    for route in ROUTES:
        operation = description["paths"][PREFIX + route.path][route.method.lower()]
        assert operation["summary"].endswith(".")
        assert operation["security"] == ([] if route.verb is None else [{"token": []}, {"session": []}])
        told = {int(status) for status in operation["responses"]}
        assert told == failures(route) | {route.status}
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert response["content"] == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_operations_have_names_of_their_own(description):
    names = [operation["operationId"] for path in description["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(names) == len(ROUTES)


def test_files_are_described_as_files(description):
    photos = description["paths"][f"{PREFIX}/cases/{{case}}/photos"]["post"]
    photo = description["paths"][f"{PREFIX}/cases/{{case}}/photos/{{photo}}"]["get"]
    assert list(photos["requestBody"]["content"]) == ["application/octet-stream", "multipart/form-data"]
    assert list(photo["responses"]["200"]["content"]) == ["application/octet-stream"]


def test_the_metrics_are_described_as_text(description):
    assert list(description["paths"][f"{PREFIX}/metrics"]["get"]["responses"]["200"]["content"]) == ["text/plain"]


def test_every_form_that_comes_in_has_an_example(description):
    schemas = description["components"]["schemas"]
    for name in (
        "SignIn",
        "Person",
        "Number",
        "NewCase",
        "Emergency",
        "NewUser",
        "NewRole",
        "NewToken",
        "NameAndPassword",
        "NewPasskey",
    ):
        required = schemas[name].get("required", list(schemas[name]["properties"]))
        assert all("examples" in schemas[name]["properties"][field] for field in required), name
    assert {"token", "session"} == description["components"]["securitySchemes"].keys()
