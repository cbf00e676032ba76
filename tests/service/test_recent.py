"""A photo that an upload has read is given to one assessment, is never there for long, and never too many are."""

from dataclasses import replace

import numpy as np
import pytest

from flexura.intake.read import read_photo
from flexura.service.clinic import make_read
from flexura.service.recent import RecentPhotos

START_S = 1000.0


class Seconds:
    """A clock that stands until it is moved, and what is to be called later."""

    def __init__(self) -> None:
        self.now = START_S
        self.later = []

    def __call__(self) -> float:
        return self.now

    def call_later(self, seconds, call):
        self.later.append((self.now + seconds, call))

    def move(self, seconds):
        self.now += seconds
        due = [row for row in self.later if row[0] <= self.now]
        self.later = [row for row in self.later if row[0] > self.now]
        for _, call in due:
            call()


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def recent(seconds):
    return RecentPhotos(2, lasts_s=60, clock=seconds, call_later=seconds.call_later)


def test_one_is_taken_once(recent):
    recent.keep("a", "read a")
    assert recent.take("b") is None
    assert (recent.take("a"), recent.take("a"), len(recent)) == ("read a", None, 0)


def test_where_there_are_enough_no_more_are_kept(recent):
    for name in "abc":
        recent.keep(name, name)
    assert [recent.take(name) for name in "abc"] == ["a", "b", None]


def test_what_is_too_old_is_not_given(recent, seconds):
    recent.keep("a", "a")
    seconds.now += 60
    assert recent.take("a") is None


def test_what_nobody_takes_leaves_the_memory_without_anybody_asking(recent, seconds):
    recent.keep("a", "a")
    seconds.move(59)
    recent.keep("b", "b")
    seconds.move(1)  # a is forgotten, b has a second round to go
    assert len(recent) == 1
    seconds.move(60)
    assert (len(recent), seconds.later) == (0, [])
    recent.keep("c", "c")
    seconds.move(60)
    assert len(recent) == 0


@pytest.fixture
def reads(app, clinic):
    """Which files an upload, and which an assessment, had decoded."""
    uploaded, assessed = [], []

    def note(read, into):
        return lambda content: (into.append(content), read(content))[1]

    assess, recent = clinic.assessor.assess, RecentPhotos()

    def assess_noted(bring, context):
        content, known = bring()
        if known is None:
            assessed.append(content)
        return assess(lambda: (content, known), context)

    read = note(make_read([read_photo]), uploaded)
    noted = replace(clinic.assessor, assess=assess_noted, recent=recent)
    app.state.clinic = replace(clinic, read=read, assessor=noted)
    return uploaded, assessed, recent


def test_an_assessment_after_its_upload_decodes_nothing_and_answers_the_same(doctor, reads, case, skin_photo):
    uploaded, assessed, recent = reads
    photo = doctor.post(f"/cases/{case}/photos", content=skin_photo).json()["id"]
    assert (uploaded, assessed, len(recent)) == ([skin_photo], [], 1)
    first = doctor.post(f"/cases/{case}/photos/{photo}/assessments").json()["document"]["assessment"]
    assert (uploaded, assessed, len(recent)) == ([skin_photo], [], 0)

    other = doctor.post(f"/patients/{doctor.get(f'/cases/{case}').json()['patient']}/cases", json={}).json()["id"]
    photo = doctor.post(f"/cases/{other}/photos", content=skin_photo).json()["id"]
    assert recent.take(photo) is not None  # as if a minute had passed
    second = doctor.post(f"/cases/{other}/photos/{photo}/assessments").json()["document"]["assessment"]
    assert assessed == [skin_photo]
    assert first["photo"] == second["photo"]
    assert first["area"] == second["area"]
    assert first["quality"] == second["quality"]


def test_the_picture_is_the_one_that_was_stored(doctor, reads, case, skin_photo):
    photo = doctor.post(f"/cases/{case}/photos", content=skin_photo).json()["id"]
    kept = reads[2].take(photo)
    assert np.array_equal(kept.pixels, read_photo(skin_photo).pixels)
    assert kept.source == read_photo(skin_photo).source


def test_a_refused_upload_leaves_nothing(doctor, reads, case, skin_photo):
    files = [("file", ("a.jpg", skin_photo)), ("file", ("b.jpg", b"no photo"))]
    assert doctor.post(f"/cases/{case}/photos", files=files).status_code == 422
    assert len(reads[2]) == 0


def test_who_may_not_see_the_photo_does_not_get_its_picture(doctor, client, reads, case, skin_photo):
    photo = doctor.post(f"/cases/{case}/photos", content=skin_photo).json()["id"]
    stranger = client("clinician", "another")
    assert stranger.post(f"/cases/{case}/photos/{photo}/assessments").status_code == 403
    assert len(reads[2]) == 1
    assert doctor.post(f"/cases/{case}/photos/{photo}/assessments").status_code == 201
    assert len(reads[2]) == 0
