"""The same answer is found again for the same photo, context and version, and for nothing else."""

import pytest
from sqlalchemy import select

from flexura.errors import Forbidden
from flexura.storage.answers import Answer, count_answers, name_answer, recall_answer, write_answer
from flexura.storage.auditlog import search
from flexura.storage.cases import create_case, read_records
from flexura.storage.database import begin
from flexura.storage.patients import Identity, create_patient, delete_patient
from flexura.storage.tables import ASSESSMENTS

TOLD = {"age_years": 6, "itch": 7}
DOCUMENT = {"assessment": {"schema": "flexura.assessment/1"}}


@pytest.fixture
def patient(do):
    return do("doctor", create_patient, Identity("MRN-1", "Jane Doe"))


@pytest.fixture
def case(do, patient):
    return do("doctor", create_case, patient, TOLD)


@pytest.fixture
def photo(keep, case):
    return keep(case, b"photo")


@pytest.fixture
def key(do, case, photo):
    """The name of an answer that was written."""
    key = do("worker", name_answer, photo, TOLD, "1")
    do("worker", write_answer, case, photo, Answer(DOCUMENT, key, reused=False))
    return key


def test_an_answer_is_found_by_its_name(do, case, photo, key):
    assert do("worker", recall_answer, key) == DOCUMENT
    assert do("worker", name_answer, photo, dict(reversed(TOLD.items())), "1") == key
    (record,) = do("doctor", read_records, "assessment", case)
    assert (record.about, record.document) == (photo, DOCUMENT)


def test_the_same_file_of_another_case_is_the_same_photo(do, patient, keep, key):
    again = do("doctor", create_case, patient, TOLD)
    assert do("worker", name_answer, keep(again, b"photo"), TOLD, "1") == key


def test_another_file_context_version_or_patient_is_another_answer(do, case, photo, keep, key):
    stranger = do("doctor", create_case, do("doctor", create_patient, Identity("MRN-2", "John Doe")), TOLD)
    others = {
        do("worker", name_answer, keep(case, b"other photo"), TOLD, "1"),
        do("worker", name_answer, photo, TOLD | {"itch": 8}, "1"),
        do("worker", name_answer, photo, {}, "1"),
        do("worker", name_answer, photo, TOLD, "2"),
        do("worker", name_answer, keep(stranger, b"photo"), TOLD, "1"),
    }
    assert len(others - {key}) == 5
    assert [do("worker", recall_answer, other) for other in others] == [None] * 5


def test_what_is_kept_to_find_it_tells_nothing_and_is_no_second_copy(store, key):
    with begin(store.engine) as connection:
        (row,) = connection.execute(select(ASSESSMENTS))
    assert (row.answer, len(row.answer)) == (key, 64)
    assert b"flexura.assessment" not in row.sealed


def test_recalling_is_on_record_and_for_those_who_may(store, do, patient, key):
    do("worker", recall_answer, key)
    do("worker", recall_answer, "0" * 64)
    with pytest.raises(Forbidden):
        do("other-doctor", recall_answer, key)
    with begin(store.engine) as connection:
        events = [event for event in search(connection, "clinic", patient=patient) if event.verb == "assessment.read"]
    assert [(event.user, event.outcome) for event in events] == [("worker-1", "success"), ("other-doctor", "refused")]


def test_a_deleted_patients_answers_are_found_no_more(store, do, actors, patient, key):
    delete_patient(store, actors["admin"], patient)
    assert do("worker", recall_answer, key) is None


def test_computed_and_reused_answers_are_counted(store, do, case, photo, key):
    assert count_answers(store) == {"computed": 1, "reused": 0}
    for _ in range(2):
        do("worker", write_answer, case, photo, Answer(DOCUMENT, key, reused=True))
    assert count_answers(store) == {"computed": 1, "reused": 2}
