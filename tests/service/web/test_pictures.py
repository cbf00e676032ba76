"""Photos on pages: as they came where browsers show them, and as JPEG where they do not."""

from io import BytesIO

import numpy as np
import pillow_heif
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, VLPhotographicImageStorage, generate_uid


def _tiff(picture):
    file = BytesIO()
    picture.save(file, "TIFF", compression="tiff_deflate")
    return file.getvalue()


def _heic(picture):
    file = BytesIO()
    pillow_heif.from_pillow(picture).save(file, quality=90)
    return file.getvalue()


def _dicom(picture):
    pixels = np.asarray(picture)
    written = pydicom.Dataset()
    written.SOPClassUID, written.SOPInstanceUID = VLPhotographicImageStorage, generate_uid()
    written.Modality, written.SamplesPerPixel, written.PhotometricInterpretation = "XC", 3, "RGB"
    written.Rows, written.Columns = pixels.shape[:2]
    written.BitsAllocated, written.BitsStored, written.HighBit = 8, 8, 7
    written.PixelRepresentation, written.PlanarConfiguration = 0, 0
    written.PixelData = pixels.tobytes()
    written.file_meta = FileMetaDataset()
    written.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = BytesIO()
    written.save_as(file, enforce_file_format=True)
    return file.getvalue()


@pytest.mark.parametrize("write", [_tiff, _heic, _dicom])
def test_a_format_that_browsers_do_not_show_is_shown_as_jpeg_and_kept_as_it_came(
    enter, doctor, case, skin_photo, write
):
    picture = Image.open(BytesIO(skin_photo)).resize((224, 224))
    content = write(picture)
    made = doctor.post(f"/cases/{case}/photos", content=content)
    assert made.status_code == 201, made.text
    path = f"/cases/{case}/photos/{made.json()['id']}"
    shown = enter("clinician")[0].get(path)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert "sandbox" in shown.headers["content-security-policy"]
    seen = Image.open(BytesIO(shown.content))
    assert seen.size == picture.size
    assert np.abs(np.asarray(seen, float) - np.asarray(picture, float)).mean() < 6
    assert doctor.get(path).content == content


def test_a_jpeg_is_shown_as_it_came(enter, case, photo, skin_photo):
    assert enter("clinician")[0].get(f"/cases/{case}/photos/{photo}").content == skin_photo
