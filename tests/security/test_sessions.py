"""Sessions and tokens: when they end, what they are good for, and that a store does not hold their secrets."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flexura.errors import Forbidden, NotAuthenticated, TokenUnfit
from flexura.security.sessions import check_token, identify, is_fresh, make_token, open_session, touch_session

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SCOPES = frozenset({"case.read", "photo.read"})


def _session(**changes):
    return replace(open_session("u1", now=NOW, randomness=os.urandom).record, **changes)


def _token(**changes):
    made = make_token("u1", SCOPES, lasts=timedelta(days=30), now=NOW, randomness=os.urandom)
    return replace(made.record, **changes)


def test_a_secret_finds_its_session_and_is_not_in_it():
    issued = open_session("u1", now=NOW, randomness=os.urandom)
    assert identify(issued.secret) == issued.record.id
    assert issued.secret not in repr(issued)
    assert len({open_session("u1", now=NOW, randomness=os.urandom).secret for _ in range(100)}) == 100


@pytest.mark.parametrize(("ago_s", "fresh"), [(0, True), (300, True), (301, False), (-1, False)])
def test_a_second_factor_is_fresh_for_five_minutes(ago_s, fresh):
    assert is_fresh(NOW - timedelta(seconds=ago_s), now=NOW) is fresh
    assert not is_fresh(None, now=NOW)


def test_a_used_session_lives_on():
    session = _session()
    for minutes in range(14, 12 * 60, 14):
        session = touch_session(session, now=NOW + minutes * MINUTE)
    assert session.seen_at == NOW + 714 * MINUTE


@pytest.mark.parametrize("idle", [15 * MINUTE, 16 * MINUTE, 24 * 60 * MINUTE])
def test_an_idle_session_ends_after_a_quarter_of_an_hour(idle):
    touch_session(_session(), now=NOW + 15 * MINUTE - timedelta(seconds=1))
    with pytest.raises(NotAuthenticated):
        touch_session(_session(), now=NOW + idle)


def test_a_session_ends_after_twelve_hours_however_busy():
    end = NOW + timedelta(hours=12)
    busy = _session(seen_at=end - MINUTE)
    touch_session(busy, now=end - timedelta(seconds=1))
    with pytest.raises(NotAuthenticated):
        touch_session(busy, now=end)


def test_a_revoked_session_is_over():
    with pytest.raises(NotAuthenticated):
        touch_session(_session(revoked_at=NOW), now=NOW)


def test_a_clock_that_was_set_back_revives_nothing():
    with pytest.raises(NotAuthenticated):
        touch_session(_session(), now=NOW - timedelta(days=1))
    seen = NOW + 5 * MINUTE
    assert touch_session(_session(seen_at=seen), now=NOW + MINUTE).seen_at == seen


def test_a_token_is_good_for_its_scopes_until_its_end():
    check_token(_token(), "case.read", now=NOW)
    check_token(_token(), "photo.read", now=NOW + timedelta(days=30) - MINUTE)
    with pytest.raises(Forbidden):
        check_token(_token(), "review.write", now=NOW)


@pytest.mark.parametrize(
    ("changes", "now"),
    [({}, NOW + timedelta(days=30)), ({}, NOW - MINUTE), ({"revoked_at": NOW}, NOW)],
)
def test_a_token_that_is_over_is_good_for_nothing(changes, now):
    with pytest.raises(NotAuthenticated):
        check_token(_token(**changes), "case.read", now=now)


@pytest.mark.parametrize(
    ("scopes", "lasts"),
    [
        (frozenset(), timedelta(days=1)),
        (frozenset({"case.read", "everything"}), timedelta(days=1)),
        (SCOPES, timedelta(0)),
        (SCOPES, timedelta(days=367)),
    ],
)
def test_a_token_without_scope_or_end_is_not_made(scopes, lasts):
    with pytest.raises(TokenUnfit):
        make_token("u1", scopes, lasts=lasts, now=NOW, randomness=os.urandom)


def test_leaked_secrets_can_be_told_apart():
    token = make_token("u1", SCOPES, lasts=MINUTE, now=NOW, randomness=os.urandom)
    assert token.secret.startswith("ft_")
    assert open_session("u1", now=NOW, randomness=os.urandom).secret.startswith("fs_")
    assert len(token.secret) == 46
