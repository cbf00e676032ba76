"""Limits before reading, headers on every answer, and no stack trace for anybody."""

import logging
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from flexura.service.clinic import Clinic
from flexura.service.problems import answer_error
from flexura.service.shell import HEADERS, Shell

TOO_LARGE = (413, "request_too_large")


def _answer(request, error):
    return answer_error(error)


def test_every_answer_has_the_security_headers(client, doctor):
    nobody = client()
    for answer in (nobody.get("/health"), nobody.get("/nothing"), nobody.get("/patients"), doctor.get("/patients")):
        assert HEADERS.items() <= dict(answer.headers).items()
    policy = HEADERS["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_an_announced_body_is_refused_unread():
    read = []

    async def app(scope, receive, send):
        raise AssertionError("the request came through")

    def body():
        read.append(True)
        yield b"x"

    answer = TestClient(Shell(app, lambda path: 10, _answer)).post(
        "/", content=body(), headers={"Content-Length": "11"}
    )
    assert (answer.status_code, answer.json()["code"]) == TOO_LARGE


@pytest.mark.parametrize("path", ["/patients", "/patients/search"])
def test_json_has_a_small_limit_announced_or_not(doctor, path):
    long = b'{"number": "' + b"7" * 70_000 + b'"}'
    announced = doctor.post(path, content=long)
    chunked = doctor.post(path, content=iter([long[:40_000], long[40_000:]]))
    assert [(answer.status_code, answer.json()["code"]) for answer in (announced, chunked)] == [TOO_LARGE] * 2


def test_a_photo_has_the_limit_of_the_settings(doctor, case):
    announced = doctor.post(f"/cases/{case}/photos", content=bytes(200_001))
    chunked = doctor.post(f"/cases/{case}/photos", content=iter([bytes(150_000), bytes(150_000)]))
    assert [(answer.status_code, answer.json()["code"]) for answer in (announced, chunked)] == [TOO_LARGE] * 2
    assert doctor.get(f"/cases/{case}").json()["photos"] == []


def test_a_fault_of_ours_is_a_plain_problem_and_says_nothing_in_the_log(app, client, caplog, case, photo):
    def broken(content, context):
        raise ZeroDivisionError("Jane Doe")

    clinic: Clinic = app.state.clinic
    app.state.clinic = replace(clinic, assessor=replace(clinic.assessor, assess=broken))
    with caplog.at_level(logging.DEBUG):
        answer = client("clinician").post(f"/cases/{case}/photos/{photo}/assessments")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "Jane" not in answer.text + caplog.text
    assert "Traceback" not in answer.text + caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_an_answer_that_breaks_off_is_no_whole_answer():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError("Jane Doe")

    with pytest.raises(ConnectionAbortedError, match="broke off"):
        TestClient(Shell(app, lambda path: 10, _answer)).get("/")


def test_what_is_no_request_passes():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])
        for _ in range(2):
            message = await receive()
            await send({"type": f"{message['type']}.complete"})

    with TestClient(Shell(app, lambda path: 10, _answer)):
        assert seen == ["lifespan"]
