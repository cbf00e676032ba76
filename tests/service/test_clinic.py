"""As many photos at a time as there are readers; who waits too long is told so."""

import threading

import pytest

from flexura.errors import NotAnImage, ServiceBusy
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.records import PatientContext
from flexura.service.clinic import make_assessor


@pytest.fixture
def predictor(tiny_bundle):
    return Predictor(load_bundle(tiny_bundle), threads=1)


def _refuse(content):
    raise NotAnImage("no")


def test_a_reader_is_free_again_after_a_refusal(predictor):
    assess = make_assessor(predictor, [_refuse], preparation=None, wait_s=0.1)
    for _ in range(3):
        with pytest.raises(NotAnImage):
            assess(b"", PatientContext())


def test_who_waits_too_long_is_told_that_the_service_is_busy(predictor):
    begun, ended = threading.Event(), threading.Event()

    def slow(content):
        begun.set()
        ended.wait(10)
        _refuse(content)

    assess = make_assessor(predictor, [slow], preparation=None, wait_s=0.05)

    def hold():
        with pytest.raises(NotAnImage):
            assess(b"", PatientContext())

    holder = threading.Thread(target=hold)
    holder.start()
    assert begun.wait(10)
    with pytest.raises(ServiceBusy):
        assess(b"", PatientContext())
    ended.set()
    holder.join()
