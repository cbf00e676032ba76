"""The interface as it describes itself, asked at random (schemathesis): nothing breaks, nothing undescribed comes back.

Half of the requests are as described, half are not; where a route takes ids, those of records that are there are used
too, so that requests reach beyond the first 404.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import replace

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from flexura.security.roles import GRANTS, Scope
from flexura.service.allowance import Allowance
from flexura.service.routes import PREFIX, ROUTES

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# What would take away what the other requests need.
ENDING = {("DELETE", "/patients/{patient}"), ("DELETE", "/users/{user}"), ("PUT", "/users/{user}/role")}
ENDING |= {("DELETE", "/patients/{patient}/care-team/{user}"), ("DELETE", "/session")}
EXAMPLES = 4


@pytest.fixture
def app(clinic):
    from flexura.service.app import make_app

    return make_app(replace(clinic, allowance=Allowance(10**9, 10**9)))


@pytest.fixture
def ids(doctor, people, patient, case, photo, assessment):
    job = doctor.post(f"/cases/{case}/photos/{photo}/jobs").json()["id"]
    known = {"patient": patient, "case": case, "photo": photo, "assessment": assessment, "job": job}
    return known | {"user": people.ids["clinician"]}


@pytest.fixture
def operations(app):
    """Every route with its description."""
    described = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", app)
    return [(route, described[PREFIX + route.path][route.method]) for route in ROUTES]


def _token(people, route):
    """Of somebody who may, if the route asks."""
    if route.verb is None:
        return {}
    role = next(role for role in ("clinician", "auditor", "administrator") if GRANTS[role, route.verb] is not Scope.NO)
    return {"Authorization": f"Bearer {people.add(role, role)}"}


def _ask_at_random(operation, mode, *, send, **fixed):
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
    @given(operation.as_strategy(generation_mode=mode, **fixed))
    def ask(case):
        send(case)

    ask()


@pytest.mark.slow
def test_whatever_is_asked_is_answered_as_described(operations, people, ids):
    statuses = Counter()
    for route, operation in operations:
        headers = _token(people, route)

        def send(case, headers=headers):
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=CHECKS)
            statuses[answer.status_code] += 1

        named = {name: value for name, value in ids.items() if f"{{{name}}}" in route.path}
        known = [{"path_parameters": named}] if named and (route.method, route.path) not in ENDING else []
        for fixed in [{}, *known]:
            _ask_at_random(operation, GenerationMode.POSITIVE, send=send, **fixed)
            with suppress(Unsatisfiable):  # nothing can be wrong where nothing is sent
                _ask_at_random(operation, GenerationMode.NEGATIVE, send=send, **fixed)
    assert {200, 201, 202, 204, 403, 404, 422} <= statuses.keys()  # it got beyond the door
    assert max(statuses) < 500


@pytest.mark.slow
def test_nobody_gets_anything_without_showing_who_they_are(operations, ids):
    for route, operation in operations:
        if route.verb is None:
            continue

        def send(case):
            case.headers.pop("Authorization", None)
            assert case.call().status_code == 401, case.formatted_path

        named = {name: value for name, value in ids.items() if f"{{{name}}}" in route.path}
        _ask_at_random(operation, GenerationMode.POSITIVE, send=send, path_parameters=named or None)
