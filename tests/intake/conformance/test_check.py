"""Valid files have no fault; every planted fault is found where it is; dciodvfy, the independent checker, agrees."""

import numpy as np
import pytest
from pydicom.encaps import encapsulate

from flexura.errors import InputRefused
from flexura.intake.conformance.check import check_conformance
from flexura.intake.conformance.report import keywords_at_fault

# Of every file that the two do not agree on: what only one of them names, and why.
KNOWN_DIFFERENCES = {
    # The body part is stated as WHOLE BODY, which has no side.
    **dict.fromkeys(
        [
            f"pydicom {name}.dcm"
            for name in ("JPEG-lossy", "JPEG2000", "JPEG2000-embedded-sequence-delimiter", "JPGExtended")
        ],
        (set(), {"Laterality"}),
    ),
    # dciodvfy does not read a data set that is implicit where the header says explicit, nor a deflated one.
    "pydicom SC_rgb_jpeg.dcm": ({"TransferSyntaxUID"}, None),
    "pydicom image_dfl.dcm": ({"Laterality"}, set()),
    # It counts three bytes a pixel for 4:2:2, which has two.
    "pydicom SC_ybr_full_422_uncompressed.dcm": (set(), {"PixelData"}),
    # What follows from another attribute that is missing.
    "VL photograph: SamplesPerPixel missing": (set(), {"PixelData", "PlanarConfiguration"}),
    "VL photograph: Rows missing": (set(), {"PixelData"}),
    "VL photograph: Columns missing": (set(), {"PixelData"}),
    "VL photograph: SOPInstanceUID missing": ({"MediaStorageSOPInstanceUID"}, set()),
    "dermoscopic photograph: ContactMethod missing": (set(), {"ImmersionMedia"}),
    "dermoscopic photograph: ContactMethod set to 'TOUCH'": (set(), {"ImmersionMedia"}),
    "multi-frame capture: NumberOfFrames missing": (set(), {"FrameIncrementPointer"}),
    "multi-frame capture: FrameIncrementPointer missing": (set(), {"PageNumberVector"}),
    "VL photograph: CodeValue missing in the region": (set(), {"LongCodeValue", "URNCodeValue"}),
    # High Bit no longer fits Bits Stored.
    "VL photograph: BitsStored set to 7": ({"HighBit"}, set()),
    # It knows no calendar, and no rule for this interpretation outside visible light.
    "VL photograph: StudyDate set to '20260231'": ({"StudyDate"}, set()),
    "VL photograph: StudyTime set to '251112'": ({"StudyTime"}, set()),
    "VL photograph: AcquisitionDateTime set to '20261301'": ({"AcquisitionDateTime"}, set()),
    "secondary capture: PhotometricInterpretation set to 'YBR_ICT'": ({"PhotometricInterpretation"}, set()),
}


def test_valid_files_conform(benchmark):
    for write in benchmark.VALID.values():
        report = check_conformance(benchmark.as_file(write()))
        assert report.faults == ()
        assert report.conforms
        assert report.count("ok") > 30


def test_every_planted_fault_is_found(benchmark):
    for fault in benchmark.FAULTS:
        rows = check_conformance(benchmark.planted(fault)).faults
        assert fault.keyword in keywords_at_fault(rows), fault
        assert len(keywords_at_fault(rows)) <= 2, fault
        if fault.change in ("missing", "empty"):
            assert {row.status for row in rows if row.attribute == fault.keyword} == {fault.change}


def test_dciodvfy_agrees_but_for_the_known_differences(benchmark, tmp_path):
    path = tmp_path / "subject.dcm"
    seen = set()
    for name, _, content in benchmark.subjects():
        path.write_bytes(content)
        theirs = benchmark.dciodvfy_faults(path)
        ours = keywords_at_fault(check_conformance(content).rows)
        only_ours, only_theirs = KNOWN_DIFFERENCES.get(name, (set(), set()))
        assert ours - theirs == only_ours, name
        if only_theirs is not None:
            assert theirs - ours == only_theirs, name
        seen |= {name} & KNOWN_DIFFERENCES.keys()
    assert seen == KNOWN_DIFFERENCES.keys()


def test_rows_name_module_tag_type_and_clause(benchmark):
    dataset = benchmark.vl_photograph()
    del dataset.PatientID
    (row,) = check_conformance(benchmark.as_file(dataset)).faults
    assert (row.module, row.attribute, row.tag, row.type) == ("Patient", "PatientID", "(0010,0020)", "2")
    assert (row.status, row.clause) == ("missing", "PS3.3 C.7.1.1")


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of what is put in here
def test_no_row_quotes_a_value(benchmark):
    dataset = benchmark.vl_photograph()
    dataset.PatientName, dataset.PatientID = "CANARY^A^B^C^D^E", "CANARY" * 12
    dataset.ReferringPhysicianName, dataset.StudyID = "C\x00CANARY", "CANARY" * 3
    dataset.AnatomicRegionSequence[0].CodeMeaning = "CANARY" * 20
    report = check_conformance(benchmark.as_file(dataset))
    assert {"PatientName", "PatientID", "ReferringPhysicianName", "StudyID", "CodeMeaning"} <= keywords_at_fault(
        report.rows
    )
    assert "CANARY" not in repr(report)


def test_a_conditional_attribute_is_asked_for_only_under_its_condition(benchmark):
    dataset = benchmark.dermoscopic_photograph()
    dataset.ContactMethod = "NON_CONTACT"
    del dataset.ImmersionMedia
    assert check_conformance(benchmark.as_file(dataset)).conforms
    dataset.TrackingID = "lesion 1"
    assert keywords_at_fault(check_conformance(benchmark.as_file(dataset)).rows) == {"TrackingUID"}


@pytest.mark.parametrize(
    ("photometric", "admitted", "faults"),
    [
        ("YBR_FULL_422", "01", set()),
        ("YBR_FULL_422", "00", {"LossyImageCompression"}),
        ("RGB", "01", {"PhotometricInterpretation"}),  # in JPEG allowed, in a VL Image not
        ("YBR_ICT", "01", {"PhotometricInterpretation"}),
    ],
)
def test_jpeg_goes_with_its_colours_and_is_admitted_as_lossy(photometric, admitted, faults, benchmark, tmp_path):
    dataset = benchmark.vl_photograph()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.50"
    dataset.PhotometricInterpretation, dataset.LossyImageCompression = photometric, admitted
    dataset.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
    dataset["PixelData"].is_undefined_length = True
    content = benchmark.as_file(dataset)
    assert keywords_at_fault(check_conformance(content).rows) == faults
    path = tmp_path / "jpeg.dcm"
    path.write_bytes(content)
    assert ("PhotometricInterpretation" in benchmark.dciodvfy_faults(path)) == ("PhotometricInterpretation" in faults)


def test_objects_without_a_table_are_only_checked_for_writing(wheel_content):
    report = check_conformance(wheel_content("CT_small.dcm"))
    assert report.iod is None
    assert not report.conforms


def test_every_file_of_the_wheel_is_checked_or_refused(wheel_content, capfd, caplog):
    checked = 0
    for name in wheel_content.names:
        try:
            check_conformance(wheel_content(name))
            checked += 1
        except InputRefused:
            pass
    assert checked >= 70
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_a_wrong_representation_is_a_row(benchmark):
    content = benchmark.as_file(benchmark.vl_photograph())
    assert content.count(b"DA\x08\x0019800101") == 1
    for written, words in ((b"LO", "written as LO"), (b"XX", "written as XX")):
        (row,) = check_conformance(content.replace(b"DA\x08\x0019800101", written + b"\x08\x0019800101")).faults
        assert (row.attribute, row.status) == ("PatientBirthDate", "invalid")
        assert words in row.message


def test_damaged_files_are_checked_or_refused(benchmark):
    random = np.random.default_rng(7)
    files = [benchmark.as_file(benchmark.vl_photograph()), benchmark.as_file(benchmark.multi_frame_capture())]
    faults = refused = 0
    for trial in range(80):
        changed = bytearray(files[trial % 2])
        for place in random.integers(132, 1500, 4):
            changed[place] = random.integers(256)
        try:
            faults += bool(check_conformance(bytes(changed[: int(random.integers(1000, len(changed)))])).faults)
        except InputRefused:
            refused += 1
    assert faults >= 40
    assert faults + refused >= 60


@pytest.fixture
def wheel_content():
    from pathlib import Path

    import pydicom

    folder = Path(pydicom.__file__).parent / "data" / "test_files"

    def content(name: str) -> bytes:
        return (folder / name).read_bytes()

    content.names = sorted(path.name for path in folder.glob("*.dcm"))
    return content
