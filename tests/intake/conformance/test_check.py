"""Valid files have no fault; every planted fault is found where it is; dciodvfy, the independent checker, agrees."""

import numpy as np
import pytest
from pydicom.encaps import encapsulate

from flexura.errors import InputRefused
from flexura.intake.conformance.check import check_conformance
from flexura.intake.conformance.report import keywords_at_fault


def test_valid_files_conform(files):
    for write in files.VALID.values():
        report = check_conformance(files.as_file(write()))
        assert report.faults == ()
        assert report.conforms
        assert report.count("ok") > 30


def test_every_planted_fault_is_found(faults):
    for fault in faults.FAULTS:
        rows = check_conformance(faults.planted(fault)).faults
        assert fault.keyword in keywords_at_fault(rows), fault
        assert len(keywords_at_fault(rows)) <= 2, fault
        if fault.change in ("missing", "empty"):
            assert {row.status for row in rows if row.attribute == fault.keyword} == {fault.change}


def test_dciodvfy_agrees_but_for_the_explained_differences(comparison, faults, tmp_path):
    path = tmp_path / "subject.dcm"
    seen = set()
    for name, _, content in faults.subjects():
        path.write_bytes(content)
        theirs = comparison.dciodvfy_faults(path)
        ours = keywords_at_fault(check_conformance(content).rows)
        why = comparison.reason_for(name, ours - theirs, theirs - ours)
        assert why is not None, name
        seen |= {name} if why else set()
    explained = [name for files in comparison.DIFFERENCES.values() for name in files]
    assert sorted(seen) == sorted(explained)


def test_rows_name_module_tag_type_and_clause(files):
    dataset = files.vl_photograph()
    del dataset.PatientID
    (row,) = check_conformance(files.as_file(dataset)).faults
    assert (row.module, row.attribute, row.tag, row.type) == ("Patient", "PatientID", "(0010,0020)", "2")
    assert (row.status, row.clause) == ("missing", "PS3.3 C.7.1.1")


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of what is put in here
def test_no_row_quotes_a_value(files):
    dataset = files.vl_photograph()
    dataset.PatientName, dataset.PatientID = "CANARY^A^B^C^D^E", "CANARY" * 12
    dataset.ReferringPhysicianName, dataset.StudyID = "C\x00CANARY", "CANARY" * 3
    dataset.AnatomicRegionSequence[0].CodeMeaning = "CANARY" * 20
    report = check_conformance(files.as_file(dataset))
    assert {"PatientName", "PatientID", "ReferringPhysicianName", "StudyID", "CodeMeaning"} <= keywords_at_fault(
        report.rows
    )
    assert "CANARY" not in repr(report)


def test_a_conditional_attribute_is_asked_for_only_under_its_condition(files):
    dataset = files.dermoscopic_photograph()
    dataset.ContactMethod = "NON_CONTACT"
    del dataset.ImmersionMedia
    assert check_conformance(files.as_file(dataset)).conforms
    dataset.TrackingID = "lesion 1"
    assert keywords_at_fault(check_conformance(files.as_file(dataset)).rows) == {"TrackingUID"}


@pytest.mark.parametrize(
    ("photometric", "admitted", "at_fault"),
    [
        ("YBR_FULL_422", "01", set()),
        ("YBR_FULL_422", "00", {"LossyImageCompression"}),
        ("RGB", "01", {"PhotometricInterpretation"}),  # in JPEG allowed, in a VL Image not
        ("YBR_ICT", "01", {"PhotometricInterpretation"}),
    ],
)
def test_jpeg_goes_with_its_colours_and_is_admitted_as_lossy(
    photometric, admitted, at_fault, comparison, files, tmp_path
):
    dataset = files.vl_photograph()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.50"
    dataset.PhotometricInterpretation, dataset.LossyImageCompression = photometric, admitted
    dataset.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
    dataset["PixelData"].is_undefined_length = True
    content = files.as_file(dataset)
    assert keywords_at_fault(check_conformance(content).rows) == at_fault
    path = tmp_path / "jpeg.dcm"
    path.write_bytes(content)
    assert ("PhotometricInterpretation" in comparison.dciodvfy_faults(path)) == (
        "PhotometricInterpretation" in at_fault
    )


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("14975008", {"Laterality"}),  # forearm
        ("17957002", {"Laterality"}),  # skin of the antecubital fossa
        ("66643007", set()),  # skin of the back
        ("39937001", set()),  # skin, wherever
    ],
)
def test_the_side_of_a_paired_region_must_be_stated(region, expected, files):
    dataset = files.photograph_of_the_back()
    dataset.AnatomicRegionSequence[0].CodeValue = region
    assert keywords_at_fault(check_conformance(files.as_file(dataset)).rows) == expected
    dataset.Laterality = "L"
    assert keywords_at_fault(check_conformance(files.as_file(dataset)).rows) == set()
    dataset.ImageLaterality = "L"
    (row,) = check_conformance(files.as_file(dataset)).faults
    assert (row.attribute, row.message) == ("Laterality", "must not be there: image laterality is stated")


def test_a_fault_inside_an_item_says_where(files):
    dataset = files.photograph_with_context()
    del dataset.AcquisitionContextSequence[1].ConceptCodeSequence[0].CodeMeaning
    (row,) = check_conformance(files.as_file(dataset)).faults
    assert row.message == "in ConceptCodeSequence, item 1: must be there with a value"
    assert (row.module, row.clause) == ("Code Sequence Macro", "PS3.3 8.8")


@pytest.mark.parametrize("cut", [slice(0, 100), slice(0, -2), slice(2, None)])
def test_a_colour_profile_must_be_whole(cut, files):
    dataset = files.photograph_with_context()
    dataset.ICCProfile = dataset.ICCProfile[cut]
    (row,) = check_conformance(files.as_file(dataset)).faults
    assert (row.attribute, row.clause) == ("ICCProfile", "PS3.3 C.11.15.1.1")


@pytest.mark.parametrize(
    ("function", "width", "is_right"),
    [
        (None, "1", True),
        (None, "0.5", False),
        ("LINEAR", "0.5", False),
        ("SIGMOID", "0.5", True),
        ("SIGMOID", "0", False),
    ],
)
def test_the_least_window_depends_on_its_function(function, width, is_right, files):
    dataset = files.grey_capture()
    dataset.WindowWidth = width
    if function:
        dataset.VOILUTFunction = function
    assert check_conformance(files.as_file(dataset)).conforms == is_right


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


def test_a_wrong_representation_is_a_row(files):
    content = files.as_file(files.vl_photograph())
    assert content.count(b"DA\x08\x0019800101") == 1
    for written, words in ((b"LO", "written as LO"), (b"XX", "written as XX")):
        (row,) = check_conformance(content.replace(b"DA\x08\x0019800101", written + b"\x08\x0019800101")).faults
        assert (row.attribute, row.status) == ("PatientBirthDate", "invalid")
        assert words in row.message


def test_damaged_files_are_checked_or_refused(files):
    random = np.random.default_rng(7)
    files = [files.as_file(files.vl_photograph()), files.as_file(files.multi_frame_capture())]
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
