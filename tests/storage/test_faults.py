"""What machines do to a store: kill its process anywhere, fill its disk, cut its connection, turn back its clock."""

import os
import resource
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from flexura.errors import (
    DatabaseUnavailable,
    FlexuraError,
    LeaseLost,
    StorageFull,
    StorageUnavailable,
    Undecipherable,
)
from flexura.security.keyfile import create_key_file
from flexura.security.keys import KeyRing, add_key
from flexura.storage import auditlog
from flexura.storage.answers import Answer
from flexura.storage.cases import add_photo, create_case, read_case, read_photo, read_records, write_photo
from flexura.storage.database import begin
from flexura.storage.datakeys import TENANT, open_key, rewrap_keys
from flexura.storage.jobs import finish_job, request_assessment, take_job
from flexura.storage.objects import list_objects
from flexura.storage.patients import Identity, create_patient
from flexura.storage.tables import OBJECTS, PHOTOS
from flexura.storage.upkeep import Reconciled, reconcile, scrub

PHOTO = b"\xff\xd8 not really a photo " * 500

# Uploads two photos per process and says so when it is done with one; in the second the process is killed before its
# N-th step, for every N until one lives through it. Steps: what reaches the disk or the database.
UPLOADER = """
import itertools, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from flexura.security.keyfile import read_key_file
from flexura.storage.cases import add_photo, write_photo
from flexura.storage.database import open_database
from flexura.storage.store import Actor, Store
url, folder, key, case = sys.argv[1:]
DOCTOR = Actor("clinic", "doctor", "clinician")
STEPS = {"write", "fsync", "replace", "execute", "commit"}
left = 0

def count(frame, event, called):
    global left
    if event == "c_call" and not isinstance(called.__self__, str):  # os.replace, not str.replace
        step = called.__name__
    elif event == "call" and frame.f_globals.get("__name__", "").startswith("psycopg."):
        step = frame.f_code.co_name
    else:
        return
    if step in STEPS:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

def upload(number):
    global left
    read_ring = lambda: read_key_file(Path(key))
    store = Store(open_database(url), Path(folder), read_ring, lambda: datetime.now(UTC), os.urandom)
    left = number
    for name in ("a", "b"):
        sys.setprofile(count if name == "b" else None)
        content = f"photo {number}{name}".encode()
        with write_photo(store, DOCTOR, case, content) as written, store.visit(DOCTOR) as visit:
            photo = add_photo(visit, written)
        os.write(1, f"{number}{name} {photo}\\n".encode())

for number in itertools.count(1):
    child = os.fork()
    if child == 0:
        upload(number)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended != -signal.SIGKILL:
        print("lived", number, ended)
        break
"""


@pytest.fixture
def case(do):
    patient = do("doctor", create_patient, Identity("MRN-1", "Jane Doe"))
    return do("doctor", create_case, patient, {})


def _files(store):
    return [path for _, path in list_objects(store.folder)]


def _count(store, table):
    with begin(store.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def _audit_findings(store):
    with begin(store.engine) as connection:
        key = open_key(connection, "clinic", TENANT, read_ring=store.read_ring)
        return auditlog.verify(connection, key=key)


def _uploads(store, case, keys):
    """Run the uploader; give what it acknowledged and how many steps it was killed at."""
    key_file = store.folder.parent / "keys"
    create_key_file(key_file, keys.ring)
    url = store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", UPLOADER, url, str(store.folder), str(key_file), case]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=250)
    *lines, last = said.stdout.splitlines()
    word, number, ended = last.split()
    assert (word, ended, said.stderr) == ("lived", "0", "")
    return dict(line.split() for line in lines), int(number) - 1


@pytest.mark.slow
def test_an_upload_killed_at_any_step_loses_nothing_acknowledged_and_leaves_nothing_behind(
    store, do, case, clock, keys, keep
):
    clock.now = datetime.now(UTC)
    acknowledged, kills = _uploads(store, case, keys)
    assert kills >= 20
    assert len(acknowledged) == kills + 2
    stored = {photo: do("doctor", read_photo, photo) for photo in do("doctor", read_case, case).photos}
    assert {text: stored[photo] for text, photo in acknowledged.items()} == {
        text: f"photo {text}".encode() for text in acknowledged
    }
    assert len(set(stored.values())) == len(stored) == _count(store, OBJECTS)
    assert _audit_findings(store) == ()
    orphans = len(_files(store)) - len(stored)
    assert orphans > 0
    cleared = reconcile(store)
    assert (cleared.removed, cleared.missing, len(_files(store))) == (orphans, (), len(stored))
    wanted = {f"photo {number}{name}".encode() for number in range(1, kills + 2) for name in "ab"}
    for content in sorted(wanted):
        keep(case, content)
    assert {do("doctor", read_photo, photo) for photo in do("doctor", read_case, case).photos} == wanted
    assert _count(store, PHOTOS) == len(_files(store)) == len(wanted)


@pytest.fixture
def limit():
    """Let the kernel itself refuse to write files beyond a size; Python ignores the signal that comes with it."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)

    def set_limit(size=before):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))

    yield set_limit
    set_limit()


def test_where_the_kernel_writes_no_more_nothing_is_left_and_the_next_upload_works(store, case, actors, keep, limit):
    doctor = actors["doctor"]
    limit(len(PHOTO) // 2)
    with write_photo(store, doctor, case, PHOTO) as written:
        limit()
    with pytest.raises(StorageFull), store.visit(doctor) as visit:
        add_photo(visit, written)
    assert (_count(store, PHOTOS), _files(store)) == (0, [])
    assert keep(case, PHOTO)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_of_the_database_is_said_and_passes(store, do, case):
    with begin(store.engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFull):
        do("doctor", create_patient, Identity("MRN-2", "Jane Roe" * 1000))
    with begin(store.engine) as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert do("doctor", create_patient, Identity("MRN-2", "Jane Roe" * 1000))
    assert _audit_findings(store) == ()


@pytest.mark.parametrize("place", ["/sys", "/nowhere"])
def test_a_folder_that_is_read_only_or_gone_is_said_and_what_comes_later_is_stored(store, do, case, keep, place):
    """/sys is a file system that takes no file, from root neither; /nowhere is a disk that is not mounted."""
    keep(case, PHOTO)
    (file,) = _files(store)
    file.unlink()
    file.parent.rmdir()
    file.parent.symlink_to(place)
    with pytest.raises(StorageUnavailable):
        keep(case, PHOTO)
    with begin(store.engine) as connection:
        last = list(auditlog.search(connection, "clinic"))[-1]
    assert (last.verb, last.outcome) == ("photo.add", "failed")
    file.parent.unlink()
    file.parent.mkdir()
    assert do("doctor", read_photo, keep(case, PHOTO)) == PHOTO


def test_a_photos_folder_that_is_gone_is_said(store, do, case, keep):
    away = store.folder.rename(store.folder.with_name("away"))
    with pytest.raises(StorageUnavailable):
        keep(case, PHOTO)
    away.rename(store.folder)
    assert do("doctor", read_photo, keep(case, PHOTO)) == PHOTO


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, len(PHOTO) // 2, len(PHOTO) + 15])
def test_a_file_cut_at_any_length_is_found_and_never_given_out(store, do, case, keep, length):
    photo = keep(case, PHOTO)
    (file,) = _files(store)
    os.truncate(file, length)
    with pytest.raises(Undecipherable) as caught:
        do("doctor", read_photo, photo)
    assert isinstance(caught.value, FlexuraError)
    assert scrub(store, count=1) == (file.name,)
    with begin(store.engine) as connection:
        last = list(auditlog.search(connection, "clinic"))[-1]
    assert (last.verb, last.outcome) == ("photo.read", "failed")
    keep(case, PHOTO)  # the same photo again repairs it
    assert (do("doctor", read_photo, photo), scrub(store, count=1)) == (PHOTO, ())


def _cut_connections(store):
    """What a restart of the database or a network does: every other connection ends."""
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> pg_backend_pid()"
    )
    with store.engine.connect() as connection:
        connection.exec_driver_sql(cut)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_lost_inside_a_transaction_stores_nothing_and_the_next_one_works(store, do):

    def cut_off(visit):
        patient = create_patient(visit, Identity("MRN-2", "Jane Roe"))
        _cut_connections(store)
        create_case(visit, patient, {})

    with pytest.raises(DatabaseUnavailable):
        do("doctor", cut_off)
    again = do("doctor", create_patient, Identity("MRN-2", "Jane Roe"))  # the number is free
    assert do("doctor", create_case, again, {})
    assert _audit_findings(store) == ()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_lost_between_transactions_is_not_noticed(store, do, case):
    with store.engine.connect() as held:
        held.exec_driver_sql("SELECT 1")
    _cut_connections(store)
    assert do("doctor", read_case, case).id == case


def test_a_clock_that_is_set_back_loses_no_job_and_doubles_none(store, do, case, clock, keep):
    jobs = {do("doctor", request_assessment, keep(case, b"photo %d" % number)) for number in range(2)}
    dead = take_job(store, "dead")
    clock.move(hours=-3)
    other = take_job(store, "w")
    do(other.actor, finish_job, other, Answer({"by": "w"}, "a" * 64, reused=False))
    assert {dead.id, other.id} == jobs
    assert take_job(store, "w") is None  # until the lease is over by the clock as it is now
    clock.move(hours=3, minutes=1)
    again = take_job(store, "w")
    do(again.actor, finish_job, again, Answer({"by": "w"}, "b" * 64, reused=False))
    with pytest.raises(LeaseLost):
        do(dead.actor, finish_job, dead, Answer({"by": "dead"}, "c" * 64, reused=False))
    assert [record.document["by"] for record in do("doctor", read_records, "assessment", case)] == ["w", "w"]


def test_a_clock_that_is_set_back_leaves_log_and_photos_whole(store, do, case, clock, keep):
    keep(case, PHOTO)
    clock.move(days=-30)
    keep(case, b"another")
    assert reconcile(store) == Reconciled(0, ())
    assert _audit_findings(store) == ()
    assert len(do("doctor", read_case, case).photos) == 2


def test_keys_rotate_under_load_without_one_failed_read(store, do, case, keys, keep):
    """Two rotations, the older keys gone after each, while four threads read and write."""
    photo, done = keep(case, PHOTO), threading.Event()

    def work(number):
        rounds = 0
        while not done.is_set():
            assert do("doctor", read_photo, photo) == PHOTO
            keep(case, b"photo %d of %d" % (rounds, number))
            rounds += 1
        return rounds

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(work, number) for number in range(4)]
        try:
            for _ in range(2):
                keys.ring = add_key(keys.ring, os.urandom(32))
                assert rewrap_keys(store.engine, read_ring=keys, randomness=store.randomness) == 2
                time.sleep(0.5)  # who read a wrapped key before the rotation has used it by now
                keys.ring = KeyRing(keys.ring.current)
        finally:
            done.set()
        assert sum(thread.result() for thread in working) > 4
    assert _audit_findings(store) == ()
