"""Every error has a status, an answer and no words too many."""

import json

import pytest

from flexura.errors import (
    DatabaseUnavailable,
    FlexuraError,
    KeyMissing,
    NotAuthenticated,
    NotStored,
    PhotoUnfit,
    TooManyAttempts,
)
from flexura.service.problems import MEDIA_TYPE, STATUSES, answer_error, to_problem


def _tree(error):
    return {error}.union(*(_tree(kind) for kind in error.__subclasses__()))


def test_every_error_has_a_status_of_its_own_row():
    assert STATUSES.keys() == _tree(FlexuraError)
    assert set(STATUSES.values()) == {400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 507}


# Independent of the table: by the leading figure of the exit status of the command line.
@pytest.mark.parametrize("error", sorted(_tree(FlexuraError), key=lambda error: error.__name__))
def test_refused_photos_are_the_clients_and_missing_parts_are_ours(error):
    family = {3: 4, 4: 5, 1: 5}.get(error.exit_status)
    assert family is None or STATUSES[error] // 100 == family


def test_a_problem_says_what_the_command_line_says():
    assert to_problem(NotStored("There is no such case.")) == {
        "type": "urn:flexura:problem:not_stored",
        "title": "There is no such record, or none that this tenant has.",
        "status": 404,
        "detail": "There is no such case.",
        "code": "not_stored",
    }


def test_what_failed_inside_is_not_told_outside():
    problem = to_problem(KeyMissing("/etc/flexura/keys is not there"))
    assert (problem["status"], problem["code"]) == (500, "key_missing")
    assert "/etc" not in str(problem)


def test_an_unfit_photo_comes_with_its_reasons():
    error = PhotoUnfit("Hold still. Use more light.")
    error.reasons = (("blurred", "Hold still."), ("too_dark", "Use more light."))
    problem = to_problem(error)
    assert problem["detail"] == "Hold still. Use more light."
    assert [reason["code"] for reason in problem["reasons"]] == ["blurred", "too_dark"]


@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (DatabaseUnavailable("x"), "Retry-After", "5"),
        (TooManyAttempts("x"), "Retry-After", "5"),
        (NotAuthenticated("x"), "WWW-Authenticate", "Bearer"),
    ],
)
def test_headers_say_what_to_do(error, header, value):
    answer = answer_error(error)
    assert answer.headers[header] == value
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert json.loads(bytes(answer.body))["code"] == error.code


def test_addresses_and_methods_that_are_not_served_are_problems(client):
    nobody = client()
    for answer, status in ((nobody.get("/nothing"), 404), (nobody.patch("/health"), 405)):
        assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, "request_unfit")
        assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert nobody.patch("/health").headers["Allow"] == "GET"


def test_wrong_fields_are_named_and_never_repeated(doctor):
    answer = doctor.post("/patients", json={"number": "MRN-1", "born": "Jane's birthday", "Jane Doe": 1})
    assert (answer.status_code, answer.json()["code"]) == (422, "request_unfit")
    faults = {(row["field"], row["fault"]) for row in answer.json()["fields"]}
    assert faults == {("name", "missing"), ("born", "date_from_datetime_parsing"), ("", "extra_forbidden")}
    assert "Jane" not in answer.text


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[]", b"null"])
def test_bodies_that_are_no_object_are_refused(doctor, body):
    answer = doctor.post("/patients", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "request_unfit")
