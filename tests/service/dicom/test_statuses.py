"""Every error of flexura as a C-STORE's answer, against a table of its own."""

import inspect

import pytest

from flexura import errors
from flexura.errors import FlexuraError
from flexura.service.dicom.statuses import answer_error

# From PS3.4 B.2.3 and PS3.7 C.5, by what a sender should do: mend the file, ask a person, or send again later.
EXPECTED = {
    "storage_full": 0xA700, "storage_unavailable": 0xA700, "database_unavailable": 0xA700, "hsm_unavailable": 0xA700,
    "service_busy": 0xA700, "object_damaged": 0xA700, "key_missing": 0xA700, "dicom_not_a_photo": 0xA900,
    "dicom_unidentified": 0xC000, "dicom_syntax_unsupported": 0xC000, "corrupt_image": 0xC000,
    "photo_too_small": 0xC000, "truncated_image": 0xC000, "photo_too_large": 0xC000, "decoding_timed_out": 0xC000,
    "decoding_crashed": 0xC000,
    "not_stored": 0xC100, "store_conflict": 0x0111, "forbidden": 0x0124, "not_authenticated": 0x0124,
    "internal_error": 0x0110, "settings_invalid": 0x0110,
}  # fmt: skip
ALL = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, FlexuraError)]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.code)
def test_every_error_has_a_failure_status_and_its_code_alone(kind):
    answer = answer_error(kind("MRN-4711 Jane Doe"))
    assert answer.Status == EXPECTED.get(kind.code, answer.Status)
    assert answer.Status in (0x0110, 0x0111, 0x0124, 0xA700, 0xA900, 0xC000, 0xC100)
    assert answer.ErrorComment == kind.code
    assert len(kind.code) <= 64  # LO
    assert len(answer) == 2


def test_the_expected_codes_are_all_there():
    assert set(EXPECTED) <= {kind.code for kind in ALL}
