"""Accounts of an identity provider, on both databases: linked, found, and nobody else's."""

from dataclasses import replace

import pytest

from flexura.errors import Forbidden, NotAuthenticated, StoreConflict, TooManyAttempts
from flexura.security.openid import Identity
from flexura.security.passwords import HashCost
from flexura.storage.auditlog import search
from flexura.storage.database import begin
from flexura.storage.identities import check_arrival, link_user, sign_in_by_identity, unlink_user
from flexura.storage.tenants import create_tenant
from flexura.storage.users import add_user, recognise_session

CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)
ISSUER, SUBJECT, FROM = "https://id.clinic.test", "248289761001", "192.0.2.7"


@pytest.fixture
def user(do):
    made = do("admin", add_user, "maria", "clinician", "seven green ladders", cost=CHEAP)
    do("admin", link_user, made, issuer=ISSUER, subject=SUBJECT)
    return made


@pytest.fixture
def identity(clock):
    return Identity(ISSUER, SUBJECT, clock.now, second_factor=True)


def _sign_in(store, identity, tenant="clinic"):
    return sign_in_by_identity(store, tenant, identity, address=FROM)


def test_a_linked_identity_opens_a_session_with_the_providers_factor(store, user, identity):
    actor, session = recognise_session(store, _sign_in(store, identity).secret)
    assert (actor.user, actor.role, session.second_factor_at) == (user, "clinician", identity.at)


def test_another_issuers_subject_another_tenants_user_and_nobody_are_refused(store, user, identity):
    create_tenant(store, "practice")
    for shown, tenant in ((replace(identity, issuer="https://evil.test"), "clinic"), (None, "clinic")):
        with pytest.raises(NotAuthenticated):
            _sign_in(store, shown, tenant)
    with pytest.raises(NotAuthenticated):
        _sign_in(store, identity, "practice")
    with begin(store.engine) as connection:
        refused = [event.outcome for event in search(connection, "clinic") if event.verb == "session.open"]
    assert refused == ["refused", "refused"]


def test_failures_are_counted_by_address_and_forgotten_by_a_success(store, user, identity):
    for _ in range(4):
        with pytest.raises(NotAuthenticated):
            _sign_in(store, None)
    _sign_in(store, identity)
    for _ in range(5):
        check_arrival(store, address=FROM)
        with pytest.raises(NotAuthenticated):
            _sign_in(store, None)
    with pytest.raises(TooManyAttempts):
        check_arrival(store, address=FROM)
    check_arrival(store, address="203.0.113.1")


def test_an_account_is_one_users_until_it_is_taken_back(store, do, user, identity):
    eve = do("admin", add_user, "eve", "nurse", "seven green ladders", cost=CHEAP)
    with pytest.raises(StoreConflict):
        do("admin", link_user, eve, issuer=ISSUER, subject=SUBJECT)
    do("admin", unlink_user, user)
    do("admin", link_user, eve, issuer=ISSUER, subject=SUBJECT)
    assert recognise_session(store, _sign_in(store, identity).secret)[0].user == eve


def test_only_an_administrator_links(do, user):
    with pytest.raises(Forbidden):
        do("doctor", link_user, user, issuer=ISSUER, subject="another")
