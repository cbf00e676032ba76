"""`check`: what intake says of a file; no model is asked for and nothing is scored."""

import json

import pytest
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID


@pytest.fixture
def no_bundle(run, monkeypatch, tmp_path):
    monkeypatch.setenv("FLEXURA_BUNDLE", str(tmp_path))
    return run


def test_a_good_photo_is_accepted_without_any_model(no_bundle, photo_file):
    result = no_bundle("check", photo_file)
    assert result.exit_code == 0
    assert result.stdout.startswith("Photo 1 of 1: accepted\nJPEG, 512 x 384 px upright")
    assert "sharpness" in result.stdout
    assert "Most likely" not in result.stdout


def test_every_file_gets_its_verdict(no_bundle, photo_file, text_file, grey_file):
    result = no_bundle("check", photo_file, text_file, grey_file)
    assert result.exit_code == 3
    assert "Photo 1 of 3: accepted" in result.stdout
    assert "Photo 2 of 3: refused (not_an_image)" in result.stdout
    assert "Photo 3 of 3: refused" in result.stdout
    assert "FAILED: not_enough_skin" in result.stdout


def test_json_has_one_document_per_file(no_bundle, photo_file, text_file):
    result = no_bundle("check", photo_file, text_file, "--json")
    good, bad = (json.loads(line) for line in result.stdout.splitlines())
    assert good["schema"] == "flexura.check/1"
    assert good["photo"]["format"] == "JPEG"
    assert good["quality"]["accepted"] is True
    assert bad["schema"] == "flexura.refusal/1"


def test_a_fault_of_our_own_is_status_1(no_bundle, photo_file, monkeypatch):
    from flexura import workflow

    monkeypatch.setattr(workflow, "check_quality", lambda *_: 1 / 0)
    result = no_bundle("check", photo_file)
    assert result.exit_code == 1
    assert "ZeroDivisionError" in result.stderr


@pytest.fixture
def dicom_file(skin_photo, tmp_path):
    """The rendered forearm as a VL Photographic Image that lacks the patient's ID and names the patient."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.4.50")
    dataset.SOPClassUID, dataset.SOPInstanceUID = UID("1.2.840.10008.5.1.4.1.1.77.1.4"), UID("1.2.3")
    dataset.PatientName, dataset.Modality = "Canary^Jane", "XC"
    region = Dataset()
    region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning = "17957002", "SCT", "Canary"
    dataset.AnatomicRegionSequence, dataset.ImageLaterality = [region], "L"
    dataset.AcquisitionDateTime, dataset.TimezoneOffsetFromUTC = "20260102101112", "+0100"
    dataset.Rows, dataset.Columns = 384, 512
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "YBR_FULL_422", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.PixelData = encapsulate([skin_photo])
    dataset["PixelData"].is_undefined_length = True
    path = tmp_path / "jane.dcm"
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


def test_a_dicom_photo_is_also_held_against_the_standard(no_bundle, dicom_file, photo_file):
    result = no_bundle("check", dicom_file, photo_file)
    assert result.exit_code == 0  # conformance refuses nothing
    first, second = result.stdout.split("Photo 2 of 2")
    assert "DICOM, 512 x 384 px upright" in first
    assert "taken 2026-01-02T10:11:12+01:00" in first
    assert "of the left antecubital fossa" in first
    assert "DICOM conformance, VL Photographic Image (PS3.3 A.32.4.3):" in first
    assert "missing (0010,0020) PatientID, type 2\n          Patient: must be there, empty if unknown" in first
    assert "Canary" not in result.output
    assert "conformance" not in second


def test_json_of_a_dicom_photo_has_every_row(no_bundle, dicom_file, photo_file):
    documents = [json.loads(line) for line in no_bundle("check", dicom_file, photo_file, "--json").stdout.splitlines()]
    conformance = documents[0]["conformance"]
    assert conformance["object"] == "VL Photographic Image"
    assert conformance["conforms"] is False
    rows = {row["attribute"]: row for row in conformance["rows"]}
    assert rows["PatientID"]["status"] == "missing"
    assert rows["PatientID"]["clause"] == "PS3.3 C.7.1.1"
    assert rows["Modality"]["status"] == "ok"
    assert documents[0].keys() - documents[1].keys() == {"conformance"}


def test_a_refused_dicom_has_its_reason(no_bundle, dicom_file, tmp_path):
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(dicom_file.read_bytes()[:3000])
    result = no_bundle("check", cut)
    assert result.exit_code == 3
    assert "truncated_image" in result.output


def test_a_dicom_whose_picture_is_refused_is_held_against_the_standard_too(no_bundle, dicom_file, tmp_path):
    dataset = dcmread(dicom_file)
    dataset.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.2")  # CT: no photograph
    dcmwrite(tmp_path / "ct.dcm", dataset, enforce_file_format=True)
    result = no_bundle("check", tmp_path / "ct.dcm", "--json")
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    assert [reason["code"] for reason in document["reasons"]] == ["dicom_not_a_photo"]
    assert document["conformance"]["object"] is None
    assert document["conformance"]["rows"]
    shown = no_bundle("check", tmp_path / "ct.dcm")
    assert shown.exit_code == 3
    assert "DICOM conformance" in shown.stdout
    assert "Canary" not in shown.output
