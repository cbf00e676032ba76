"""Cases, photos and records: what comes back is what went in, once, whole, and encrypted in between."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from flexura.errors import Forbidden, NotAnImage, NotStored, ObjectDamaged, StorageFull, Undecipherable
from flexura.storage import auditlog, objects
from flexura.storage.cases import (
    add_photo,
    create_case,
    read_case,
    read_photo,
    read_record,
    read_records,
    write_photo,
    write_record,
)
from flexura.storage.database import begin
from flexura.storage.patients import Identity, create_patient
from flexura.storage.tables import OBJECTS, PHOTOS
from flexura.storage.upkeep import reconcile, scrub

PHOTO = b"\xff\xd8 not really a photo " * 500


@pytest.fixture
def case(do):
    patient = do("doctor", create_patient, Identity("MRN-1", "Jane Doe"))
    return do("doctor", create_case, patient, {"itch": 7, "note": None})


def _files(store):
    return [path for _, path in objects.list_objects(store.folder)]


def _count(store, table):
    with begin(store.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_a_case_reads_back(do, case, clock, keep):
    photo = keep(case, PHOTO)
    stored = do("doctor", read_case, case)
    assert stored.context == {"itch": 7, "note": None}
    assert (stored.created_by, stored.created_at, stored.photos) == ("doctor", clock.now, (photo,))
    assert "itch" not in repr(stored)


def test_a_photo_reads_back_to_the_byte_and_is_encrypted_on_disk(store, do, case, keep):
    photo = keep(case, PHOTO)
    assert do("doctor", read_photo, photo) == PHOTO
    assert do("worker", read_photo, photo) == PHOTO
    (file,) = _files(store)
    assert PHOTO[:20] not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_same_photo_fifty_times_at_once_is_one(store, do, case, keep):
    with ThreadPoolExecutor(8) as pool:
        photos = set(pool.map(lambda _: keep(case, PHOTO), range(50)))
    assert len(photos) == 1
    assert (_count(store, PHOTOS), _count(store, OBJECTS), len(_files(store))) == (1, 1, 1)
    assert do("doctor", read_photo, photos.pop()) == PHOTO


def test_file_and_folder_are_on_disk_before_a_transaction_begins(store, case, monkeypatch, keep):
    order = []
    real_sync = os.fsync

    @contextmanager
    def noted(engine):
        order.append("begin")
        with begin(engine) as connection:
            yield connection
        order.append("end")

    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("sync"), real_sync(handle))[1])
    monkeypatch.setattr("flexura.storage.store.begin", noted)
    keep(case, PHOTO)
    assert order == ["begin", "end", "sync", "sync", "begin", "end"]


def test_an_upload_is_on_record_once(store, case, keep, actors):
    keep(case, PHOTO)
    with pytest.raises(Forbidden), write_photo(store, actors["other-doctor"], case, PHOTO):
        pass
    with begin(store.engine) as connection:
        events = [event for event in auditlog.search(connection, "clinic") if event.verb == "photo.add"]
    assert [(event.user, event.outcome) for event in events] == [("doctor", "success"), ("other-doctor", "refused")]


def test_what_is_no_photo_is_refused_before_anything_is_written(store, case, actors):
    def refuse(content):
        assert content == PHOTO
        raise NotAnImage("no")

    with pytest.raises(NotAnImage), write_photo(store, actors["doctor"], case, PHOTO, check=refuse):
        pass
    with pytest.raises(Forbidden), write_photo(store, actors["other-doctor"], case, PHOTO, check=refuse):
        pass
    assert _files(store) == []


def test_an_upload_that_fails_leaves_a_file_that_is_cleared_away(store, do, case, actors, keep):
    with pytest.raises(ZeroDivisionError), write_photo(store, actors["doctor"], case, PHOTO) as written:
        do("doctor", lambda visit: (add_photo(visit, written), 1 / 0))
    assert (_count(store, PHOTOS), len(_files(store))) == (0, 1)
    kept = keep(case, b"another")
    (store.folder / "00" / ".new-interrupted").write_bytes(b"half")
    assert reconcile(store).removed == 2
    assert do("doctor", read_photo, kept) == b"another"
    assert len(_files(store)) == 1


def test_an_upload_under_way_is_left_alone_and_then_known(store, do, case, actors):
    """The same photo's left-over from before, an upload between file and row, and a clearing at that very moment."""
    with write_photo(store, actors["doctor"], case, PHOTO):
        pass
    cleared = []
    clearing = threading.Thread(target=lambda: cleared.append(reconcile(store).removed))
    with write_photo(store, actors["doctor"], case, PHOTO) as written:
        clearing.start()
        clearing.join(0.5)
        assert clearing.is_alive()  # it waits for whoever writes
        photo = do("doctor", add_photo, written)
    clearing.join(20)
    assert cleared == [0]
    assert do("doctor", read_photo, photo) == PHOTO


def test_uploads_and_clearing_at_once_lose_nothing(store, do, case, keep):
    done = threading.Event()

    def clear():
        while not done.is_set():
            reconcile(store)

    clearing = threading.Thread(target=clear)
    clearing.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            photos = list(pool.map(lambda number: keep(case, b"photo %d" % number), range(60)))
    finally:
        done.set()
        clearing.join(20)
    assert [do("doctor", read_photo, photo) for photo in photos] == [b"photo %d" % number for number in range(60)]


def test_a_full_disk_is_said_and_nothing_is_stored(store, do, case, monkeypatch, keep):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(objects.os, "fsync", full)
    with pytest.raises(StorageFull):
        keep(case, PHOTO)
    monkeypatch.undo()
    assert (_count(store, PHOTOS), _files(store)) == (0, [])
    with begin(store.engine) as connection:
        assert list(auditlog.search(connection, "clinic"))[-1].outcome == "failed"
    assert keep(case, PHOTO)


def test_scrubbing_finds_a_flipped_bit_and_a_lost_file(store, do, case, keep):
    photos = [keep(case, b"photo %d" % number) for number in range(4)]
    assert scrub(store, count=2) == ()
    assert scrub(store, count=2) == ()
    flipped, lost = _files(store)[:2]
    content = bytearray(flipped.read_bytes())
    content[20] ^= 1
    flipped.write_bytes(content)
    lost.unlink()
    assert set(scrub(store, count=4)) == {flipped.name, lost.name}
    assert reconcile(store).missing == (lost.name,)
    failures = []
    for photo in photos:
        try:
            do("doctor", read_photo, photo)
        except (ObjectDamaged, Undecipherable) as error:
            failures.append(type(error))
    assert sorted(failures, key=str) == [ObjectDamaged, Undecipherable]


def test_a_swapped_file_does_not_open(store, do, case, keep):
    first, second = (keep(case, content) for content in (b"one", b"two"))
    one, two = _files(store)
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)
    for photo in (first, second):
        with pytest.raises(Undecipherable):
            do("doctor", read_photo, photo)


def test_records_read_back_in_order(do, case, clock, keep):
    photo = keep(case, PHOTO)
    answer = do("worker", write_record, "assessment", case, {"schema": "flexura.assessment/1"}, about=photo)
    clock.move(minutes=1)
    do("doctor", write_record, "review", case, {"agrees": True}, about=answer)
    do("doctor", write_record, "outcome", case, {"diagnosis": "atopic_dermatitis"})
    (assessment,) = do("doctor", read_records, "assessment", case)
    (review,) = do("doctor", read_records, "review", case)
    assert (assessment.about, assessment.created_by) == (photo, "worker-1")
    assert (review.about, review.document, review.created_at) == (answer, {"agrees": True}, clock.now)
    assert do("doctor", read_records, "outcome", case)[0].document == {"diagnosis": "atopic_dermatitis"}


def test_one_record_is_read_of_its_own_case_alone(do, case):
    ids = [do("worker", write_record, "assessment", case, {"number": number}) for number in range(2)]
    record = do("doctor", read_record, "assessment", case, ids[1])
    assert (record.id, record.document) == (ids[1], {"number": 1})
    other = do("doctor", create_case, do("doctor", read_case, case).patient, {})
    for kind, place in (("assessment", other), ("review", case)):
        with pytest.raises(NotStored):
            do("doctor", read_record, kind, place, ids[1])


def test_only_the_program_writes_assessments_and_only_people_reviews(do, case):
    for actor, kind in (("doctor", "assessment"), ("worker", "review"), ("worker", "outcome")):
        with pytest.raises(Forbidden):
            do(actor, write_record, kind, case, {})


@pytest.mark.parametrize("verb", [read_case, read_photo])
def test_what_is_not_there_is_not_stored(do, case, verb):
    with pytest.raises(NotStored):
        do("doctor", verb, "nothing")
