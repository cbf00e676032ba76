"""A browser of somebody who signed in."""

import re

import pytest
from starlette.testclient import TestClient

PASSWORD = "seven green ladders"


@pytest.fixture
def enter(app, people):
    """Signs in by the page; gives a browser and the counter-token of its forms."""

    def make(role, *, code=None):
        people.add(role, role)
        browser = TestClient(app, base_url="https://clinic.test", follow_redirects=False)
        form = {"name": role, "password": PASSWORD} | ({"code": code} if code else {})
        answer = browser.post("/sign-in", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        return browser, re.search(r'name="counter_token" value="(\w+)"', browser.get("/").text).group(1)

    return make
