"""DICOM through the process that decodes photos of strangers."""

from flexura.intake.conformance.check import check_conformance
from flexura.intake.isolated import IsolatedReader
from flexura.intake.read import IntakeLimits, read_photo


def test_photo_and_report_cross_the_pipe_unchanged(write, to_file, picture):
    content = to_file(write(picture, Manufacturer="Canon", PixelSpacing=[0.1, 0.2], Laterality="L"))
    limits = IntakeLimits(min_side_px=1)
    with IsolatedReader(limits) as reader:
        photo = reader.read(content, longest_side=None)
        report = reader.check_conformance(content)
    here = read_photo(content, limits=limits, longest_side=None)
    assert photo.source == here.source
    assert photo.source.capture.camera_make == "Canon"
    assert (photo.pixels == here.pixels).all()
    assert report == check_conformance(content)
    assert report.faults
