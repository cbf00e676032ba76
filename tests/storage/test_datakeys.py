"""Data keys under master keys that move into a token and rotate there, while the clinic works."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from flexura.errors import KeyMissing
from flexura.security.encryption import Owner
from flexura.security.hsm import open_hsm
from flexura.security.hsmaddress import parse_address
from flexura.security.keys import KeyRing, MovingKeys, add_key
from flexura.storage.database import begin
from flexura.storage.datakeys import create_key, open_key, rewrap_keys
from flexura.storage.patients import Identity, create_patient, read_patient

JANE = Identity("MRN-4711", "Jane Doe")


def test_keys_move_into_a_token_and_rotate_there_without_one_failed_read(store, do, keys, token):
    """Four threads read and admit; the file's keys are gone after the move."""
    patient, done, file = do("doctor", create_patient, JANE), threading.Event(), keys.ring
    hsm = open_hsm(parse_address(token.uri))
    hsm.create_first(randomness=os.urandom)
    keys.ring = MovingKeys(hsm, file)

    def work(number):
        rounds = 0
        while not done.is_set():
            assert do("doctor", read_patient, patient) == JANE
            do("doctor", create_patient, Identity(f"MRN-{number}-{rounds}", "Joan Doe"))
            rounds += 1
        return rounds

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(work, number) for number in range(4)]
        try:
            assert rewrap_keys(store.engine, read_ring=keys, randomness=store.randomness) == 2
            keys.ring = hsm
            hsm.create(hsm.name_next(randomness=os.urandom))
            assert rewrap_keys(store.engine, read_ring=keys, randomness=store.randomness) >= 2
        finally:
            done.set()
        assert sum(thread.result() for thread in working) > 4
    assert rewrap_keys(store.engine, read_ring=keys, randomness=store.randomness) == 0
    keys.ring = file
    with pytest.raises(KeyMissing):
        do("doctor", read_patient, patient)


def test_who_still_wraps_under_the_key_before_is_waited_for(store, keys):
    """The key rotates just after somebody has looked up the one before, whose row is not committed yet."""
    rotated = []

    def look_up():
        old = keys.ring
        keys.ring = add_key(old, os.urandom(32))
        rotated.append(pool.submit(rewrap_keys, store.engine, read_ring=keys, randomness=store.randomness))
        assert not wait(rotated, 0.5).done
        return old

    with ThreadPoolExecutor(1) as pool:
        with begin(store.engine) as connection:
            create_key(connection, Owner("clinic", "patient-1"), read_ring=look_up, randomness=store.randomness)
        assert rotated[0].result(30) == 2  # this one and the tenant's
    keys.ring = KeyRing(keys.ring.current)
    with begin(store.engine) as connection:
        assert open_key(connection, "clinic", "patient-1", read_ring=keys).version == 1
