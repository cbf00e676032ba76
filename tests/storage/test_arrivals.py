"""Studies and instances, on both databases: found again by what is kept of their UIDs, which nobody can read."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from flexura.errors import StoreConflict
from flexura.storage.arrivals import KeptInstance, add_instance, find_instance, open_study
from flexura.storage.cases import create_case, write_photo
from flexura.storage.database import begin
from flexura.storage.patients import Identity, create_patient
from flexura.storage.store import Actor
from flexura.storage.tables import CASES, PHOTOS
from flexura.storage.tenants import create_tenant

CAMERA = Actor("clinic", "camera", "device")
STUDY, INSTANCE = "1.2.840.99.1", "1.2.840.99.1.1"


@pytest.fixture
def patient(do):
    return do("doctor", create_patient, Identity("MRN-1", "Jane Doe"))


@pytest.fixture
def arrive(store):
    def run(case, content, instance=INSTANCE):
        with write_photo(store, CAMERA, case, content) as written, store.visit(CAMERA) as visit:
            return add_instance(visit, written, instance)

    return run


def test_a_study_opened_many_times_at_once_is_one_case(store, do, patient):
    with ThreadPoolExecutor(6) as pool:
        cases = set(pool.map(lambda _: do(CAMERA, open_study, patient, STUDY), range(12)))
    assert len(cases) == 1
    assert do(CAMERA, open_study, patient, "1.2.840.99.2") not in cases


def test_no_uid_can_be_read_in_the_database(store, do, patient, arrive):
    arrive(do(CAMERA, open_study, patient, STUDY), b"photo")
    with begin(store.engine) as connection:
        kept = [*connection.scalars(select(CASES.c.study)), *connection.scalars(select(PHOTOS.c.instance))]
    assert [len(each) for each in kept] == [64, 64]
    assert len(set(kept)) == 2
    assert not [each for each in kept if "1.2.840" in each]


def test_an_instance_is_found_by_its_uid_in_its_tenant_only(store, do, patient, arrive):
    create_tenant(store, "practice")
    assert do(CAMERA, find_instance, INSTANCE) is None
    photo = arrive(do(CAMERA, open_study, patient, STUDY), b"photo")
    assert do(CAMERA, find_instance, INSTANCE) == KeptInstance(photo, patient)
    assert do(Actor("practice", "camera", "device"), find_instance, INSTANCE) is None


def test_one_uid_is_one_photo(do, patient, arrive):
    case = do(CAMERA, open_study, patient, STUDY)
    photo = arrive(case, b"photo")
    assert arrive(case, b"photo") == photo
    for other, instance in ((b"another", INSTANCE), (b"photo", "1.2.840.99.1.2")):
        with pytest.raises(StoreConflict):
            arrive(case, other, instance)
    assert do(CAMERA, find_instance, INSTANCE).photo == photo
    assert do(CAMERA, find_instance, "1.2.840.99.1.2") is None


def test_a_file_that_was_uploaded_before_gets_its_uid(do, patient, keep, arrive):
    case = do("doctor", create_case, patient, {})
    photo = keep(case, b"photo")
    assert arrive(case, b"photo") == photo
    assert do(CAMERA, find_instance, INSTANCE).photo == photo
