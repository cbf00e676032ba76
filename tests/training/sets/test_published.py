"""Every set in its published layout, in miniature: rendered skin under the set's names, invented rows."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from flexura.errors import ManifestError
from flexura.training.datasets import CODES
from flexura.training.sets.every import EVERY_SET, set_named
from flexura.training.sets.layout import Listing


def _photo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((64, 64, 3), 150, np.uint8))


def _table(path: Path, rows: list[dict[str, str]], *, delimiter: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as opened:
        table = csv.DictWriter(opened, list(rows[0]), delimiter=delimiter)
        table.writeheader()
        table.writerows(rows)


def _listed(listing: Listing) -> list[tuple[str, str, str, str]]:
    return [(photo.file, photo.label, photo.group, photo.skin_type) for photo in listing.photos]


def test_fitzpatrick17k_names_photos_by_hash(tmp_path: Path) -> None:
    _photo(tmp_path / "images" / "5e82a45b.jpg")
    _photo(tmp_path / "images" / "fa2911a9.jpg")
    row = {"md5hash": "5e82a45b", "fitzpatrick_scale": "3", "label": "eczema", "url": "http://x"}
    other = {"md5hash": "fa2911a9", "fitzpatrick_scale": "-1", "label": "striae", "url": "http://x"}
    gone = row | {"md5hash": "d2bac3c9"}
    _table(tmp_path / "fitzpatrick17k.csv", [row, other, gone])
    listing = set_named("fitzpatrick17k").find(tmp_path)
    assert _listed(listing) == [("images/5e82a45b.jpg", "eczema", "", "3"), ("images/fa2911a9.jpg", "striae", "", "")]
    assert listing.missing == 1


def test_pad_ufes_20_groups_by_patient(tmp_path: Path) -> None:
    for part, name in (("imgs_part_1", "PAT_1_2_3.png"), ("imgs_part_3", "PAT_1_4_5.png")):
        _photo(tmp_path / part / part / name)
    rows = [
        {"patient_id": "PAT_1", "lesion_id": "2", "fitspatrick": "3.0", "diagnostic": "BCC", "img_id": "PAT_1_2_3.png"},
        {"patient_id": "PAT_1", "lesion_id": "4", "fitspatrick": "", "diagnostic": "NEV", "img_id": "PAT_1_4_5.png"},
    ]
    _table(tmp_path / "metadata.csv", rows)
    assert _listed(set_named("pad_ufes_20").find(tmp_path)) == [
        ("imgs_part_1/imgs_part_1/PAT_1_2_3.png", "BCC", "PAT_1", "3"),
        ("imgs_part_3/imgs_part_3/PAT_1_4_5.png", "NEV", "PAT_1", ""),
    ]


def test_ham10000_reads_the_dataverse_table_and_groups_by_lesion(tmp_path: Path) -> None:
    _photo(tmp_path / "HAM10000_images_part_1" / "ISIC_1.jpg")
    row = {"lesion_id": "HAM_7", "image_id": "ISIC_1", "dx": "bkl", "age": "80", "localization": "scalp"}
    _table(tmp_path / "HAM10000_metadata.tab", [row], delimiter="\t")
    expected = [("HAM10000_images_part_1/ISIC_1.jpg", "bkl", "HAM_7", "")]
    assert _listed(set_named("ham10000").find(tmp_path)) == expected


def test_skindisnet_leaves_its_augmented_copies_out(tmp_path: Path) -> None:
    _photo(tmp_path / "Preprocessed" / "Eczema (EC)" / "EC_1.jpg")
    _photo(tmp_path / "Augmented" / "Eczema (EC)" / "EC_1.jpg")
    row = {"Folder_name": "Eczema", "Patient_id": "12", "Image_id": "EC_1", "Age": "7", "Diagnosis": "Eczema"}
    _table(tmp_path / "SkinDisNet_Metadata.csv", [row])
    expected = [("Preprocessed/Eczema (EC)/EC_1.jpg", "Eczema (EC)", "12", "")]
    assert _listed(set_named("skindisnet").find(tmp_path)) == expected


def test_passion_has_several_photos_of_a_patient(tmp_path: Path) -> None:
    for name in ("AA1_1", "AA1_2", "BB2_1"):
        _photo(tmp_path / "images" / f"{name}.jpg")
    row = {"subject_id": "AA1", "country": "x", "fitzpatrick": "5", "impetig": "0", "conditions_PASSION": "Eczema"}
    _table(tmp_path / "label.csv", [row, row | {"subject_id": "BB2", "conditions_PASSION": "Fungal"}])
    assert _listed(set_named("passion").find(tmp_path)) == [
        ("images/AA1_1.jpg", "Eczema", "AA1", "5"),
        ("images/AA1_2.jpg", "Eczema", "AA1", "5"),
        ("images/BB2_1.jpg", "Fungal", "BB2", "5"),
    ]


def test_dermacon_in_is_listed_in_its_own_words(tmp_path: Path) -> None:
    _photo(tmp_path / "DATASET" / "0001.jpg")
    row = {"Image_name": "0001.jpg", "Subject_ID": "s1", "Main_class": "m", "Disease_label": "d", "Fitzpatrick": "4"}
    _table(tmp_path / "METADATA" / "Skin_Metadata.csv", [row])
    assert _listed(set_named("dermacon_in").find(tmp_path)) == [("DATASET/0001.jpg", "d", "s1", "4")]


def test_ddi_tells_a_pair_of_skin_types_which_is_none(tmp_path: Path) -> None:
    _photo(tmp_path / "images" / "000001.png")
    row = {"DDI_ID": "1", "DDI_file": "000001.png", "skin_tone": "56", "malignant": "False", "disease": "melanoma"}
    _table(tmp_path / "ddi_metadata.csv", [row])
    assert _listed(set_named("ddi").find(tmp_path)) == [("images/000001.png", "melanoma", "", "")]


def test_sd198_is_its_class_folders(tmp_path: Path) -> None:
    _photo(tmp_path / "images" / "Nummular_Eczema" / "1.jpg")
    (tmp_path / "classes.txt").write_text("1 Nummular_Eczema\n", encoding="utf-8")
    expected = [("images/Nummular_Eczema/1.jpg", "Nummular_Eczema", "", "")]
    assert _listed(set_named("sd198").find(tmp_path)) == expected
    assert _listed(set_named("sd198").find(tmp_path / "images")) == [
        ("Nummular_Eczema/1.jpg", "Nummular_Eczema", "", "")
    ]


def _scin(folder: Path, weights: str) -> None:
    _photo(folder / "dataset" / "images" / "11.png")
    _photo(folder / "dataset" / "images" / "12.png")
    images = {"image_1_path": "dataset/images/11.png", "image_2_path": "dataset/images/12.png", "image_3_path": ""}
    _table(folder / "scin_cases.csv", [{"case_id": "c1", "fitzpatrick_skin_type": "FST2", **images}])
    _table(folder / "scin_labels.csv", [{"case_id": "c1", "weighted_skin_condition_label": weights}])


def test_scin_gives_each_photo_of_a_case_all_weights(tmp_path: Path) -> None:
    _scin(tmp_path, "{'Psoriasis': 0.4, 'Eczema': 0.6}")
    photos = set_named("scin").find(tmp_path).photos
    assert [photo.file for photo in photos] == ["dataset/images/11.png", "dataset/images/12.png"]
    assert {(photo.label, photo.group, photo.skin_type) for photo in photos} == {("Eczema", "c1", "2")}
    assert all(photo.weights == {"Psoriasis": 0.4, "Eczema": 0.6} for photo in photos)


def test_scin_refuses_weights_that_are_none(tmp_path: Path) -> None:
    _scin(tmp_path, "Eczema")
    with pytest.raises(ManifestError, match=r"row 2 of scin_labels\.csv"):
        set_named("scin").find(tmp_path)


def test_scin_photos_without_labels_are_no_training_photos(tmp_path: Path) -> None:
    _scin(tmp_path, "{}")
    assert set_named("scin").find(tmp_path).photos == ()


# Labels that each set has by its publication; SCIN's readers typed freely and DermaCon-IN's labels are not verified.
LABELS = {
    "fitzpatrick17k": 114,
    "sd198": 198,
    "pad_ufes_20": 6,
    "ham10000": 7,
    "skindisnet": 6,
    "passion": 4,
    "ddi": 78,
}


@pytest.mark.parametrize("name", LABELS)
def test_every_label_of_a_set_is_mapped_or_left_out(name: str) -> None:
    assert len(set_named(name).labels) == LABELS[name]


@pytest.mark.parametrize("known", EVERY_SET, ids=lambda known: known.name)
def test_sets_map_to_codes_of_the_taxonomy_only(known) -> None:
    assert {code for code in known.labels.values() if code} <= set(CODES)
    assert known.licence
    assert known.address


def test_an_unknown_set_is_refused_by_name() -> None:
    with pytest.raises(ManifestError, match="ham10000"):
        set_named("imagenet")


@pytest.mark.parametrize("name", ["fitzpatrick17k", "scin", "passion", "csv", "folder", "sd198"])
def test_an_empty_folder_is_no_set(name: str, tmp_path: Path) -> None:
    with pytest.raises(ManifestError):
        set_named(name).find(tmp_path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    _table(tmp_path / "fitzpatrick17k.csv", [{"md5hash": "1", "label": "eczema"}])
    with pytest.raises(ManifestError, match="fitzpatrick_scale"):
        set_named("fitzpatrick17k").find(tmp_path)


def test_a_photo_that_lies_there_twice_is_refused(tmp_path: Path) -> None:
    for part in ("a", "b"):
        _photo(tmp_path / part / "1.jpg")
    _table(tmp_path / "fitzpatrick17k.csv", [{"md5hash": "1", "label": "eczema", "fitzpatrick_scale": "1"}])
    with pytest.raises(ManifestError, match="row 2"):
        set_named("fitzpatrick17k").find(tmp_path)


def test_a_table_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "label.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ManifestError, match="UTF-8"):
        set_named("passion").find(tmp_path)
