"""Requests by user: so many at once, then as the bucket fills; one user's haste is nobody else's."""

from dataclasses import replace

import pytest

from flexura.errors import TooManyAttempts
from flexura.service import allowance
from flexura.service.allowance import Allowance


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


def _taken(bucket, user, most=100):
    for number in range(most):
        try:
            bucket.take(user)
        except TooManyAttempts:
            return number
    return most


def test_a_bucket_empties_and_fills_with_time(seconds):
    bucket = Allowance(per_minute=60, at_once=5, clock=seconds)
    assert _taken(bucket, "maria") == 5
    seconds.now = 2.5
    assert _taken(bucket, "maria") == 2
    seconds.now = 1000
    assert _taken(bucket, "maria") == 5


def test_users_have_buckets_of_their_own(seconds):
    bucket = Allowance(per_minute=60, at_once=2, clock=seconds)
    assert [_taken(bucket, user) for user in ("maria", "jose")] == [2, 2]


def test_full_buckets_are_forgotten_before_there_are_too_many(seconds, monkeypatch):
    monkeypatch.setattr(allowance, "_MOST_USERS", 3)
    bucket = Allowance(per_minute=60, at_once=2, clock=seconds)
    for user in ("a", "b", "c"):
        bucket.take(user)
    seconds.now = 5
    assert _taken(bucket, "d") == 2
    assert list(bucket._buckets) == ["d"]


def test_the_service_refuses_haste_by_user_and_says_when_to_come_back(app, clinic, client):
    app.state.clinic = replace(clinic, allowance=Allowance(per_minute=1, at_once=3))
    hasty, other = client("clinician"), client("nurse")
    answers = [hasty.get("/patients") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (answers[-1].json()["code"], answers[-1].headers["Retry-After"]) == ("too_many_attempts", "5")
    assert other.get("/patients").status_code == 200
    assert hasty.get("/health").status_code == 200
