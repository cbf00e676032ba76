"""An export's reviewed cases as a data folder: whose word counts, soft labels, grades, folds that stay."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from flexura.clinical.outlines import parse_outline
from flexura.errors import ManifestError
from flexura.records import SIGN_NAMES
from flexura.training.datasets import CODES, outline_maps, read_manifest
from flexura.training.imports import ImportChoices, import_set
from flexura.training.sets.reviewed import REVIEWED, find_reviewed


def case(name, *reviews, photos=1, **context):
    """A case whose photos were answered once with atopic dermatitis, and what was said to the first answer."""
    answer = {"diagnosis": {"ranking": [{"code": "atopic_dermatitis"}, {"code": "psoriasis"}]}}
    names = [f"{name}{number}" for number in range(photos)]
    return {
        "case": f"case {name}",
        "patient": f"patient {name}",
        "context": context,
        "photos": [{"photo": each, "file": f"photos/{each}.png"} for each in names],
        "assessments": [{"assessment": f"answer {each}", "photo": each, "document": answer} for each in names],
        "reviews": [{"assessment": f"answer {names[0]}", **each} for each in reviews],
        "outcomes": [],
    }


def says(reviewer, diagnosis=None, **more):
    return {
        "reviewer": reviewer,
        "agrees": diagnosis is None,
        **({"diagnosis": diagnosis} if diagnosis else {}),
        **more,
    }


@pytest.fixture
def export(tmp_path: Path):
    def write(*cases) -> Path:
        (tmp_path / "photos").mkdir()
        rng = np.random.default_rng(0)
        for number, each in enumerate(cases):
            for photo in each["photos"]:
                pixels = rng.integers(0, 255, (96, 96, 3), np.uint8) // (number % 3 + 1)
                cv2.imwrite(str(tmp_path / photo["file"]), pixels)
        (tmp_path / "cases.jsonl").write_text("".join(json.dumps(each) + "\n" for each in cases))
        return tmp_path

    return write


def test_whoever_agrees_gives_the_answers_diagnosis_and_unreviewed_photos_stay_out(export):
    listing = find_reviewed(export(case("a", says("x"), photos=2), case("b", says("x", "psoriasis")), case("c")))
    assert [(each.file, each.label, each.group) for each in listing.photos] == [
        ("photos/a0.png", "atopic_dermatitis", "patient a"),
        ("photos/b0.png", "psoriasis", "patient b"),
    ]
    assert all(each.weights == {} for each in listing.photos)


def test_the_last_word_counts_and_several_clinicians_are_soft_labels(export):
    words = (says("x"), says("y", "psoriasis"), says("x", "psoriasis"), says("z"))
    (photo,) = find_reviewed(export(case("a", *words))).photos
    assert (photo.label, photo.weights) == ("psoriasis", {"psoriasis": 2 / 3, "atopic_dermatitis": 1 / 3})


def test_wrong_without_a_diagnosis_teaches_nothing(export):
    with pytest.raises(ManifestError, match="no photo"):
        find_reviewed(export(case("a", {"reviewer": "x", "agrees": False})))


@pytest.mark.parametrize("content", ["", "no json\n", '{"case": "a"}\n', "[1]\n"])
def test_what_is_no_export_is_refused(tmp_path, content):
    (tmp_path / "cases.jsonl").write_text(content)
    with pytest.raises(ManifestError, match="export"):
        find_reviewed(tmp_path)


def test_a_data_folder_comes_out_with_weights_grades_and_folds_that_stay(export, tmp_path_factory):
    cases = [
        case(
            f"{number}",
            says("x", iga=2, signs={"dryness": 1}),
            says("y", "psoriasis", iga=3),
            site="left_forearm",
            skin_type=5,
        )
        for number in range(6)
    ]
    folder, out = export(*cases), tmp_path_factory.mktemp("data")
    import_set(REVIEWED, folder, out, choices=ImportChoices(min_groups=1))
    photos = read_manifest(out)
    assert len(photos) == 6
    first = photos[0]
    assert (first.group, first.skin_type) == ("reviewed:patient 0", 5)
    assert first.code_weights[CODES.index("psoriasis")] == 0.5
    assert (first.reading.iga, first.reading.site) == (2.5, "forearm")
    assert first.reading.signs[SIGN_NAMES.index("dryness")] == 1
    assert np.isnan(first.reading.signs).sum() == 5
    assert all(photo.outline is None for photo in photos)
    alone = {each.group: each.fold for each in find_reviewed(folder).photos}
    (folder / "cases.jsonl").write_text(json.dumps(cases[5]) + "\n")
    (later,) = find_reviewed(folder).photos
    assert later.fold == alone["patient 5"] == str(photos[5].fold)


def test_the_last_outline_drawn_teaches_the_lesion_and_leaves_skin_unknown(export, tmp_path_factory):
    drawn = "4x2:1,2,5"
    words = (says("x", outline="4x2:0,8"), says("x", outline=drawn), says("y"))
    folder, out = export(*(case(f"{number}", *words) for number in range(5))), tmp_path_factory.mktemp("data")
    import_set(REVIEWED, folder, out, choices=ImportChoices(min_groups=1))
    maps = outline_maps(read_manifest(out)[0])
    assert maps[..., 0].tolist() == parse_outline(drawn).astype(float).tolist()
    assert maps[..., 1][0, 1:3].tolist() == [1, 1]
    assert np.isnan(maps[..., 1]).sum() == 6


def test_what_is_no_outline_is_refused(export):
    with pytest.raises(ManifestError, match="export"):
        find_reviewed(export(case("a", says("x", outline="4x2:1,2"))))
