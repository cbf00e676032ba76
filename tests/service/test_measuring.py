"""A measurement beside the requests: one at a time, cancelled between patients, and its failure told."""

import pytest

from flexura.service import measuring
from flexura.service.measuring import Measurement, Measurements
from flexura.storage.store import Actor

AUDITOR, NURSE = Actor("clinic", "a", "auditor"), Actor("clinic", "n", "nurse")


def test_a_measurement_of_an_empty_clinic_ends_with_nothing_counted(store, clock):
    begun = Measurement(clock())
    measuring._measure(begun, store, AUDITOR)
    assert (begun.state, begun.watched.photos, begun.problem) == ("done", 0, None)


def test_how_far_it_is_is_told_by_patients(store, clock, assessment):
    begun, told = Measurement(clock()), []
    note = begun.note
    begun.note = lambda done, of: (told.append((done, of)), note(done, of))
    measuring._measure(begun, store, AUDITOR)
    assert told == [(0, 1), (1, 1), (1, 1)]
    assert (begun.done, begun.of, begun.watched.photos) == (1, 1, 1)


def test_one_that_is_cancelled_counts_nothing(store, clock, assessment):
    begun = Measurement(clock())
    begun.unwanted.set()
    measuring._measure(begun, store, AUDITOR)
    assert (begun.state, begun.watched) == ("cancelled", None)


def test_who_may_not_measure_is_told_and_nothing_is_read(store, clock, people):
    begun = Measurement(clock())
    measuring._measure(begun, store, NURSE)
    assert (begun.state, begun.problem["code"], begun.watched) == ("failed", "forbidden", None)


@pytest.mark.parametrize(
    ("state", "again"), [("running", False), ("done", True), ("cancelled", True), ("failed", True)]
)
def test_one_runs_at_a_time(store, clock, state, again):
    measurements = Measurements()
    first = measurements._last["clinic"] = Measurement(clock(), state)
    measurements.begin(store, AUDITOR)
    assert (measurements.find("clinic") is not first) is (state != "running")


def test_cancelling_ends_one_that_runs_and_leaves_what_has_ended(clock):
    measurements = Measurements()
    measurements.cancel("clinic")
    running = measurements._last["clinic"] = Measurement(clock())
    done = measurements._last["other"] = Measurement(clock(), "done")
    for tenant in ("clinic", "other"):
        measurements.cancel(tenant)
    assert (running.state, running.unwanted.is_set(), done.state) == ("cancelled", True, "done")
