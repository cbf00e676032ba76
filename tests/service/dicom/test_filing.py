"""What a DICOM photo that is handed in becomes, and what it never does."""

import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pydicom
import pytest
from pydicom.uid import RLELossless
from sqlalchemy import func, select

from flexura.errors import (
    CorruptImage,
    DicomNotAPhoto,
    DicomUnidentified,
    Forbidden,
    NotStored,
    ObjectDamaged,
    PhotoTooSmall,
    ServiceBusy,
    StoreConflict,
    TruncatedImage,
)
from flexura.service.clinic import share_readers
from flexura.service.dicom.filing import HandedIn, file_photo
from flexura.storage.auditlog import search
from flexura.storage.cases import list_cases, read_case, read_photo
from flexura.storage.database import begin
from flexura.storage.patients import Identity, create_patient, delete_patient, list_patients
from flexura.storage.store import Actor
from flexura.storage.tables import CASES, OBJECTS, PHOTOS

DOCTOR = Actor("clinic", "doctor", "clinician")
ADMIN = Actor("clinic", "console", "administrator")
VL_PHOTOGRAPHIC, CT = "1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.840.10008.5.1.4.1.1.2"
INSTANCE = "1.2.840.99.1.1"


@pytest.fixture
def hand_in(desk, admit):
    """Hand in as the camera does, under the UID that the file has."""
    camera = admit()

    def run(content, instance=INSTANCE, *, actor=camera, at=desk):
        return file_photo(at, actor, HandedIn(content, instance, VL_PHOTOGRAPHIC))

    return run


def _count(store, table):
    with begin(store.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def _kept(store, photo):
    with store.visit(DOCTOR) as visit:
        return read_photo(visit, photo)


def _events(store):
    with begin(store.engine) as connection:
        return [
            (event.role, event.verb, event.patient, event.outcome, event.reason)
            for event in search(connection, "clinic")
        ]


def test_a_photo_is_in_its_patients_case_to_the_byte_and_the_care_team_sees_it(hand_in, store, patient, photograph):
    content = photograph()
    photo = hand_in(content)
    with store.visit(DOCTOR) as visit:
        (case,) = list_cases(visit, patient)
        assert read_case(visit, case).photos == (photo,)
        assert read_photo(visit, photo) == content
        assert [name for name, _ in list_patients(visit, limit=9)] == [patient]


def test_a_study_is_a_case_and_an_instance_a_photo(hand_in, store, patient, photograph):
    first = hand_in(photograph())
    second = hand_in(photograph(jpeg=True, SOPInstanceUID="1.2.840.99.1.2"), "1.2.840.99.1.2")
    third = hand_in(photograph(SOPInstanceUID="1.2.840.99.2.1", StudyInstanceUID="1.2.840.99.2"), "1.2.840.99.2.1")
    with store.visit(DOCTOR) as visit:
        photos = [set(read_case(visit, case).photos) for case in list_cases(visit, patient)]
    assert sorted(photos, key=len) == [{third}, {first, second}]


def test_one_study_uid_with_two_patients_is_two_cases(hand_in, store, patient, photograph):
    with store.visit(DOCTOR) as visit:
        other = create_patient(visit, Identity("MRN-2", "John Roe"))
    hand_in(photograph())
    hand_in(photograph(PatientID="MRN-2", SOPInstanceUID="1.2.3.4"), "1.2.3.4")
    with store.visit(DOCTOR) as visit:
        assert [len(list_cases(visit, each)) for each in (patient, other)] == [1, 1]


def test_every_touch_is_on_record_in_the_devices_name(hand_in, store, patient, photograph):
    hand_in(photograph())
    assert _events(store)[-3:] == [
        ("device", "patient.find", patient, "success", None),
        ("device", "case.create", patient, "success", None),
        ("device", "photo.add", patient, "success", None),
    ]


def test_the_same_photo_fifty_times_at_once_is_one(hand_in, store, patient, photograph):
    content = photograph()
    with ThreadPoolExecutor(8) as pool:
        photos = set(pool.map(lambda _: hand_in(content), range(50)))
    assert len(photos) == 1
    assert [_count(store, table) for table in (PHOTOS, OBJECTS, CASES)] == [1, 1, 1]
    assert len(list(store.folder.glob("??/*"))) == 1
    assert _kept(store, photos.pop()) == content


def test_the_same_pixels_again_are_the_same_photo_whatever_else_the_file_says(hand_in, store, patient, photograph):
    content = photograph()
    photo = hand_in(content)
    assert hand_in(content) == photo
    assert hand_in(photograph(PatientName="Doe^Jane^M", StationName="ROOM 2")) == photo
    dataset = pydicom.dcmread(BytesIO(content))
    implicit = BytesIO()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2"
    pydicom.dcmwrite(implicit, dataset, implicit_vr=True, little_endian=True)
    assert hand_in(implicit.getvalue()) == photo
    assert _count(store, PHOTOS) == 1
    assert _kept(store, photo) == content


def test_the_same_uid_with_other_pixels_is_a_conflict_and_the_first_stays(hand_in, store, patient, photograph, skin):
    content = photograph()
    photo = hand_in(content)
    changed = skin.copy()
    changed[200, 300, 0] ^= 1
    compressed = pydicom.dcmread(BytesIO(content))
    compressed.compress(RLELossless, generate_instance_uid=False)
    written = BytesIO()
    pydicom.dcmwrite(written, compressed)
    for other in (photograph(changed), photograph(skin[:, ::-1]), written.getvalue()):
        with pytest.raises(StoreConflict):
            hand_in(other)
    assert _events(store)[-1] == ("device", "photo.add", patient, "failed", "store_conflict")
    assert _kept(store, photo) == content
    assert [_count(store, table) for table in (PHOTOS, OBJECTS, CASES)] == [1, 1, 1]


def test_the_same_uid_with_another_patients_number_is_a_conflict(hand_in, store, patient, photograph):
    with store.visit(DOCTOR) as visit:
        create_patient(visit, Identity("MRN-2", "John Roe"))
    hand_in(photograph())
    with pytest.raises(StoreConflict):
        hand_in(photograph(PatientID="MRN-2"))
    assert _count(store, PHOTOS) == 1


def test_of_two_photos_under_one_uid_at_once_one_is_kept(hand_in, store, patient, photograph, skin):
    def ask(pixels):
        try:
            return hand_in(photograph(pixels))
        except StoreConflict:
            return None

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, (skin, skin[::-1]) * 4))
    assert len({answer for answer in answers if answer}) == 1
    assert answers.count(None) == 4
    assert _count(store, PHOTOS) == 1


def test_what_was_lost_since_is_not_acknowledged_again(hand_in, store, patient, photograph):
    hand_in(photograph())
    (file,) = store.folder.glob("??/*")
    file.unlink()
    with pytest.raises(ObjectDamaged):
        hand_in(photograph())


def test_a_patient_whom_nobody_admitted_is_refused_and_not_made(hand_in, store, photograph):
    with pytest.raises(NotStored):
        hand_in(photograph())
    assert _events(store)[-1] == ("device", "patient.find", None, "failed", "not_stored")
    assert _count(store, CASES) == 0


def test_a_number_is_found_without_the_spaces_around_it_and_in_its_letters(hand_in, store, photograph):
    with store.visit(DOCTOR) as visit:
        create_patient(visit, Identity("Ä-12", "Jane Doe"))
    assert hand_in(photograph(SpecificCharacterSet="ISO_IR 100", PatientID="  Ä-12 "))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"PatientID": ""}, DicomUnidentified),
        ({"PatientID": ["A", "B"]}, DicomUnidentified),
        ({"StudyInstanceUID": ""}, DicomUnidentified),
        ({"SOPInstanceUID": ""}, DicomUnidentified),
        ({"SOPInstanceUID": "1.2.3"}, CorruptImage),
        ({"SOPClassUID": CT}, DicomNotAPhoto),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, CorruptImage),
    ],
)
def test_who_does_not_say_whose_it_is_is_refused_and_on_record(hand_in, store, patient, photograph, changes, error):
    content = photograph(**changes) if changes.get("SOPInstanceUID") != "" else _without_instance(photograph())
    with pytest.raises(error) as caught:
        hand_in(content)
    assert "MRN" not in str(caught.value)
    assert _events(store)[-1] == ("device", "photo.add", None, "failed", error.code)
    assert (_count(store, CASES), list(store.folder.glob("??/*"))) == (0, [])


def _without_instance(content):
    """Blank the UID in the data set, which dcmwrite insists on."""
    at = content.rindex(struct.pack("<HH2sH", 0x0008, 0x0018, b"UI", 14))
    return content[: at + 8] + bytes(14) + content[at + 22 :]


def test_what_is_no_picture_is_refused_on_record_and_begins_no_case(hand_in, store, patient, photograph, skin):
    cut = photograph(PixelData=skin.tobytes()[:-6])
    for content, error in ((photograph(skin[:100, :100]), PhotoTooSmall), (cut, TruncatedImage)):
        with pytest.raises(error):
            hand_in(content)
        assert _events(store)[-1] == ("device", "photo.add", patient, "failed", error.code)
    with pytest.raises(CorruptImage):
        hand_in(photograph()[:-6])  # cut on its way: no patient is looked for
    assert _events(store)[-1] == ("device", "photo.add", None, "failed", "corrupt_image")
    assert (_count(store, CASES), list(store.folder.glob("??/*"))) == (0, [])


def test_a_bomb_of_sequences_is_refused_at_once(hand_in, patient, photograph):
    opening = struct.pack("<HH2sHI", 0x0040, 0x0275, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    with pytest.raises(CorruptImage):
        hand_in(photograph() + opening * 36_000)


def test_when_every_reader_is_busy_nothing_is_stored(hand_in, desk, store, patient, photograph):
    with pytest.raises(ServiceBusy):
        hand_in(photograph(), at=replace(desk, lend=share_readers([], wait_s=0.01)))
    assert _count(store, PHOTOS) == 0


def test_a_role_that_may_not_hand_in_is_refused(hand_in, store, patient, photograph):
    for role in ("auditor", "researcher", "administrator", "worker"):
        with pytest.raises(Forbidden):
            hand_in(photograph(), actor=Actor("clinic", "somebody", role))
    with pytest.raises(Forbidden):  # outside the care team
        hand_in(photograph(), actor=Actor("clinic", "other", "nurse"))
    assert hand_in(photograph(), actor=DOCTOR)


def test_of_a_deleted_patient_nothing_is_left_and_the_photo_is_refused(hand_in, store, patient, photograph):
    hand_in(photograph())
    delete_patient(store, ADMIN, patient)
    with begin(store.engine) as connection:
        assert connection.execute(select(CASES.c.study)).all() == [(None,)]
    with pytest.raises(NotStored):
        hand_in(photograph())
    assert (_count(store, PHOTOS), list(store.folder.glob("??/*"))) == (0, [])


def test_the_desks_words_show_nothing_of_a_photo(photograph):
    assert repr(HandedIn(b"Doe^Jane", INSTANCE, VL_PHOTOGRAPHIC)) == "HandedIn(...)"
