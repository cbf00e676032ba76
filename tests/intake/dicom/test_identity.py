"""Whose photograph a file is: read after its build was checked, and in the process of strangers' files."""

import hashlib

import pytest

from flexura.errors import CorruptImage, DicomNotAPhoto, DicomUnidentified
from flexura.intake.dicom.identity import identify
from flexura.intake.isolated import IsolatedReader

NAMED = {"PatientID": " MRN-4711 ", "StudyInstanceUID": "1.2.840.1", "SOPInstanceUID": "1.2.840.1.2"}
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
IMPLICIT, RLE = "1.2.840.10008.1.2", "1.2.840.10008.1.2.5"


def test_number_and_uids_come_out_without_padding_and_hide_themselves(write, to_file, picture):
    told = identify(to_file(write(picture, **NAMED)))
    assert (told.patient, told.study, told.instance) == ("MRN-4711", "1.2.840.1", "1.2.840.1.2")
    assert told.sop_class == SECONDARY_CAPTURE
    assert "MRN" not in repr(told)


def test_it_crosses_the_pipe_unchanged_and_refusals_too(write, to_file, picture):
    content = to_file(write(picture, **NAMED))
    with IsolatedReader() as reader:
        assert reader.identify(content) == identify(content)
        with pytest.raises(DicomUnidentified):
            reader.identify(to_file(write(picture)))
        with pytest.raises(CorruptImage):
            reader.identify(content[:-3])
        with pytest.raises(CorruptImage):
            reader.identify(b"no file at all")


# Of the same length as what they replace: pydicom itself writes no such values.
UNFIT = {
    b" MRN-4711 ": (b"          ", b"A\\B       ", b"MRN\n4711  "),
    b"1.2.840.1\0": (b"MRN-4711  ", b"1..2.840.1", b"1.2\\1.3\0\0\0", bytes(10)),
    b"1.2.840.1.2\0": (b"MRN-4711    ", b"1.2.840.1.2.", b"1.2\\1.3\0\0\0\0\0", bytes(12)),
}


@pytest.mark.parametrize(("right", "wrong"), [(right, wrong) for right, many in UNFIT.items() for wrong in many])
def test_what_is_no_number_or_no_uid_is_refused(write, to_file, picture, right, wrong):
    content = to_file(write(picture, **NAMED))
    at = content.rindex(right)  # the file header comes first
    with pytest.raises(DicomUnidentified) as caught:
        identify(content[:at] + wrong + content[at + len(right) :])
    assert "MRN" not in str(caught.value)


@pytest.mark.parametrize("keyword", ["PatientID", "StudyInstanceUID"])
def test_what_is_missing_is_refused(write, to_file, picture, keyword):
    with pytest.raises(DicomUnidentified):
        identify(to_file(write(picture, **{name: value for name, value in NAMED.items() if name != keyword})))


def test_another_object_is_no_photo(write, to_file, picture):
    with pytest.raises(DicomNotAPhoto):
        identify(to_file(write(picture, SOPClassUID="1.2.840.10008.5.1.4.1.1.2", **NAMED)))


def test_pixels_are_the_same_by_their_samples_and_description_alone(write, to_file, picture):
    def of(shown=picture, syntax="1.2.840.10008.1.2.1", **changes):
        return identify(to_file(write(shown, syntax, **NAMED | changes))).pixels

    assert len(bytes.fromhex(of())) == hashlib.sha256().digest_size
    assert of() == of(syntax=IMPLICIT) == of(PatientID="other", StationName="Room 2")
    flipped = picture.copy()
    flipped[11, 19, 2] ^= 1
    turned = picture.reshape(20, 12, 3)  # the same bytes in another frame
    described = [of(PhotometricInterpretation="YBR_FULL"), of(PlanarConfiguration=1), of(ICCProfile=b"profile")]
    assert len({of(), of(flipped), of(turned), *described}) == 6
