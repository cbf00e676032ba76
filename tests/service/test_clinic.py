"""As many photos at a time as there are readers; who waits too long, or finds too many before, is told so."""

import threading
from contextlib import ExitStack

import pytest

from flexura.errors import NotAnImage, ServiceBusy
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.records import PatientContext
from flexura.service.clinic import make_assessor, make_read, share_readers


def _refuse(content):
    raise NotAnImage("no")


def test_a_reader_is_free_again_after_a_refusal(tiny_bundle):
    assess = make_assessor(Predictor(load_bundle(tiny_bundle), threads=1), [_refuse], preparation=None).assess
    read = make_read([_refuse])
    for _ in range(3):
        with pytest.raises(NotAnImage):
            assess(lambda: (b"", None), PatientContext())
        with pytest.raises(NotAnImage):
            read(b"")


def test_who_waits_for_a_reader_has_not_brought_a_file(tiny_bundle):
    brought, reading, go_on = [], threading.Event(), threading.Event()

    def read(content):
        reading.set()
        go_on.wait(20)
        raise NotAnImage("no")

    assess = make_assessor(Predictor(load_bundle(tiny_bundle), threads=1), [read], preparation=None).assess

    def ask(name):
        with pytest.raises(NotAnImage):
            assess(lambda: (brought.append(name), (b"", None))[1], PatientContext())

    first, second = (threading.Thread(target=ask, args=(name,)) for name in ("first", "second"))
    first.start()
    assert reading.wait(10)
    second.start()
    threading.Event().wait(0.1)
    assert brought == ["first"]
    go_on.set()
    for thread in (first, second):
        thread.join()
    assert brought == ["first", "second"]


def test_who_waits_too_long_is_told_that_the_service_is_busy():
    lend = share_readers([_refuse], wait_s=0.05)
    with lend(), pytest.raises(ServiceBusy, match="busy"), lend():
        pass
    with lend() as read:
        assert read is _refuse


def test_one_more_than_may_wait_is_refused_at_once():
    lend = share_readers([_refuse], wait_s=20, most_at_once=2)
    waiting, got = threading.Event(), threading.Event()

    def wait():
        waiting.set()
        with lend():
            got.set()

    with ExitStack() as held:
        held.enter_context(lend())
        second = threading.Thread(target=wait)
        second.start()
        assert waiting.wait(10)
        threading.Event().wait(0.1)
        with pytest.raises(ServiceBusy, match="Too many"), lend():
            pass
        assert not got.is_set()
    assert got.wait(10)
    second.join()
