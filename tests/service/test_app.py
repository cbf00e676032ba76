"""The page about the service says what the code says."""

import re
from pathlib import Path

from fastapi.routing import APIRoute

from flexura.service.app import make_app
from flexura.service.problems import STATUSES
from flexura.service.routes import ROUTES

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_the_page_lists_every_route_with_its_verb():
    listed = re.findall(r"^\| `([A-Z]+) (/\S*)` \| (.*) \|$", PAGE, re.MULTILINE)
    verbs = {(method, path): None if verb == "everybody" else verb.strip("`") for method, path, verb in listed}
    assert verbs == {(route.method, route.path): route.verb for route in ROUTES}


def test_the_page_lists_every_code_with_its_status():
    listed = dict(re.findall(r"^\| (\d{3}) \| (.*) \|$", PAGE, re.MULTILINE))
    told = {int(status): set(re.findall(r"`(\w+)`", codes)) for status, codes in listed.items()}
    wanted = {status: {kind.code for kind in STATUSES if STATUSES[kind] == status} for status in STATUSES.values()}
    unserved = {404: {"not_stored", "request_unfit"}, 405: {"request_unfit"}}
    assert told == wanted | unserved


def test_two_applications_share_nothing(clinic):
    first, second = make_app(clinic), make_app(clinic)
    assert first.state is not second.state
    routes = [{id(route) for route in app.routes if isinstance(route, APIRoute)} for app in (first, second)]
    assert not routes[0] & routes[1]
