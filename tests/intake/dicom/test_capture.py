"""What leaves a DICOM file beside its picture, and that nothing of the patient does."""

import pickle
from dataclasses import fields

import numpy as np
import pytest
from pydicom import config, datadict
from pydicom.dataset import Dataset
from pydicom.sr._concepts_dict import concepts

from flexura.clinical.sites import SITES
from flexura.intake.dicom.capture import CAPTURE_KEYWORDS, SITES_BY_SNOMED, captured_at, read_capture
from flexura.records import Capture


def region(code: str, scheme: str = "SCT") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, scheme, "Canary"
    return item


def with_attributes(**attributes: object) -> Dataset:
    dataset = Dataset()
    with config.disable_value_validation():
        for keyword, value in attributes.items():
            setattr(dataset, keyword, value)
    return dataset


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"AcquisitionDateTime": "20260228101112.25+0130"}, "2026-02-28T10:11:12+01:30"),
        ({"AcquisitionDateTime": "20260228101112"}, "2026-02-28T10:11:12"),
        (
            {"AcquisitionDate": "20240229", "AcquisitionTime": "235960"[:4] + "59", "TimezoneOffsetFromUTC": "-0500"},
            "2024-02-29T23:59:59-05:00",
        ),
        (
            {"AcquisitionDateTime": "2026", "AcquisitionDate": "20260101", "AcquisitionTime": "010203"},
            "2026-01-01T01:02:03",
        ),
        ({"AcquisitionDateTime": "20260229101112"}, None),  # no such day
        ({"AcquisitionDate": "20260101"}, None),  # no time
        ({"AcquisitionDateTime": "20260101101112", "TimezoneOffsetFromUTC": "CET"}, "2026-01-01T10:11:12"),
        ({}, None),
    ],
)
def test_when_it_was_taken(attributes, expected):
    assert captured_at(with_attributes(**attributes)) == expected


def test_how_and_of_what_it_was_taken(write, read, picture):
    capture = read(
        write(
            picture,
            Manufacturer="Canon",
            ManufacturerModelName="EOS R6",
            ExposureTimeInSeconds=0.008,
            FNumber=8.0,
            ISOSpeed=200,
            FocalLength=100.0,
            PixelSpacing=[0.05, 0.06],
            AnatomicRegionSequence=[region("14975008")],
            ImageLaterality="L",
        )
    ).source.capture
    assert capture == Capture(
        camera_make="Canon",
        camera_model="EOS R6",
        exposure_time_s=0.008,
        f_number=8.0,
        iso_speed=200.0,
        focal_length_mm=100.0,
        pixel_spacing_mm=(0.05, 0.06),
        body_site="forearm",
        laterality="left",
    )


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"PixelSpacing": [0.0, 0.1], "FNumber": float("nan"), "ImageLaterality": "X", "Manufacturer": "a\x1b[31mred"},
        {"AnatomicRegionSequence": [], "PixelSpacing": None},
        {"AnatomicRegionSequence": [region("14975008", "99MINE")]},
        {"AnatomicRegionSequence": [region("1")]},
    ],
)
def test_what_is_missing_or_malformed_is_unknown(attributes):
    assert read_capture(with_attributes(**attributes)) == Capture()


def test_laterality_of_the_series_counts_where_the_image_says_nothing():
    assert read_capture(with_attributes(Laterality="R")).laterality == "right"
    assert read_capture(with_attributes(Laterality="R", ImageLaterality="L")).laterality == "left"


# What PS3.16 calls a site, where it is not "Skin of" flexura's own name or that name itself.
CALLED = {
    "scalp": "Scalp SkinOfOccipitalRegion SkinOfParietalRegion SkinOfVertexOfScalp",
    "face": "Face SkinOfForehead SkinOfCheek SkinOfChin SkinOfNose SkinOfPerioralRegionOfFace",
    "eyelid": "Eyelid SkinOfUpperEyelid SkinOfLowerEyelid",
    "lip": "Lip SkinOfUpperLip SkinOfLowerLip",
    "neck": "Neck SkinOfAnteriorPortionOfNeck SkinOfLateralPortionOfNeck SkinOfNuchalRegion",
    "upper_arm": "UpperArm SkinOfAnteriorSurfaceOfUpperArm SkinOfPosteriorSurfaceOfUpperArm",
    "elbow": "SkinOfPosteriorSurfaceOfElbow",
    "antecubital_fossa": "SkinOfAntecubitalFossa",
    "forearm": "Forearm SkinOfAnteriorSurfaceOfForearm SkinOfPosteriorSurfaceOfForearm",
    "wrist": "SkinOfPalmarAreaOfWrist SkinOfDorsalAreaOfWrist",
    "hand_back": "SkinOfPartOfDorsalSurfaceOfHand",
    "palm": "SkinOfPalmOfHand",
    "finger": "Finger SkinOfDigitOfHand",
    "chest": "Chest SkinOfAnteriorSurfaceOfThorax SkinOfLowerChestWall",
    "abdomen": "Abdomen SkinOfUpperAbdomen SkinOfLowerAbdomen",
    "back": "Back SkinOfLowerBack SkinOfBackOfUpperThoracicRegion SkinOfPosteriorSurfaceOfThorax",
    "groin": "SkinOfInguinalRegion",
    "genitals": "SkinOfExternalGenitalia SkinOfPenis SkinOfScrotum SkinOfLabium",
    "buttocks": "Buttock SkinOfButtock",
    "thigh": "Thigh SkinOfAnteriorSurfaceOfThigh SkinOfPosteriorSurfaceOfThigh SkinOfMedialSurfaceOfThigh",
    "knee": "Knee SkinOfAnteriorSurfaceOfKnee",
    "popliteal_fossa": "SkinOfPoplitealFossa",
    "lower_leg": "LowerLeg SkinOfAnteriorSurfaceOfLowerLeg SkinOfPosteriorSurfaceOfLowerLeg",
    "ankle": "SkinOfLateralAspectOfAnkle SkinOfMedialAspectOfAnkle",
}


def test_every_code_is_the_snomed_code_of_its_site_and_every_site_is_flexuras():
    for code, site in SITES_BY_SNOMED.items():
        assert site in SITES
        names = {*CALLED.get(site, site.capitalize()).split(), f"SkinOf{site.capitalize()}"}
        assert any(code in concepts["SCT"].get(name, ()) for name in names), (code, site)
    sites = {name for site in SITES_BY_SNOMED.values() for name in CALLED.get(site, "").split()}
    assert all(SITES_BY_SNOMED.keys() & concepts["SCT"][name].keys() for name in sites)


def test_nothing_of_the_patient_leaves(write, read, picture):
    """Every text attribute of PS3.6 that is not asked for holds a canary, in the data set and in an item."""
    dataset = write(picture, AcquisitionDateTime="20260101101112")
    planted = 0
    with config.disable_value_validation():
        for tag, (kind, _, _, _, keyword) in datadict.DicomDictionary.items():
            text = kind in ("PN", "LO", "SH", "LT", "ST", "UT", "UC", "AE")
            if text and keyword and keyword not in CAPTURE_KEYWORDS and 0x0008 <= tag >> 16 < 0x7FE0:
                setattr(dataset, keyword, "CANARY7")
                planted += 1
        dataset.AnatomicRegionSequence = [region("14975008")]
        dataset.GPSLatitude, dataset.PatientBirthDate = [48.1, 8.2, 9.3], "19010203"
        photo = read(dataset)
    left = pickle.dumps(photo.source)
    assert planted > 500
    assert photo.source.capture.body_site == "forearm"
    assert not [word for word in (b"CANARY7", b"Canary", b"19010203", b"48.1") if word in left]


def test_the_record_has_no_place_for_more():
    assert {field.name for field in fields(Capture)} == {
        "camera_make",
        "camera_model",
        "exposure_time_s",
        "f_number",
        "iso_speed",
        "focal_length_mm",
        "flash_fired",
        "pixel_spacing_mm",
        "body_site",
        "laterality",
    }
    assert np.all([not word.startswith(("Patient", "GPS")) for word in CAPTURE_KEYWORDS])
