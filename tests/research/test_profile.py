"""The table of Annex E against rows that were written down apart from it, and what is kept."""

import pytest
from pydicom.datadict import tag_for_keyword

from flexura.research.profile import KEPT, TABLE, action_of

# PS3.15 2026c, table E.1-1: the attribute and what the Basic Profile does to it, where a choice is left ours.
ROWS = {
    "PatientName": "Z", "PatientID": "D", "PatientBirthDate": "Z", "PatientSex": "Z", "AccessionNumber": "Z",
    "StudyDate": "Z", "StudyID": "Z", "ReferringPhysicianName": "Z", "ContentDate": "D", "AcquisitionDateTime": "D",
    "PatientAddress": "X", "OtherPatientIDs": "X", "OtherPatientIDsSequence": "X", "InstitutionAddress": "X",
    "StudyDescription": "X", "PatientComments": "X", "IssuerOfPatientID": "X", "RequestAttributesSequence": "X",
    "StudyInstanceUID": "U", "SeriesInstanceUID": "U", "SOPInstanceUID": "U", "ReferencedSOPInstanceUID": "U",
    "FrameOfReferenceUID": "U", "DeviceSerialNumber": "D", "GPSLatitude": "X", "GPSLongitude": "X",
    "CameraOwnerName": "X",
}  # fmt: skip


@pytest.mark.parametrize(("keyword", "action"), ROWS.items())
def test_rows_that_were_written_down_apart(keyword, action):
    tag = tag_for_keyword(keyword)
    assert tag is not None
    assert action_of(tag, keyword) == action


def test_the_whole_table_is_there_and_keeps_nothing():
    assert len(TABLE) == 655
    assert set(TABLE.values()) == {"X", "Z", "D", "U"}


def test_what_is_kept_is_not_in_the_table():
    assert not {keyword for keyword in KEPT if f"{tag_for_keyword(keyword):08X}" in TABLE}


@pytest.mark.parametrize("tag", [0x00091001, 0x50000010, 0x60003000, 0x60024000, 0x00189999, 0x40000010])
def test_private_curve_overlay_and_unknown_attributes_go(tag):
    assert action_of(tag, "") == "X"
