"""Sets on disk come back as they were rendered."""

import csv

import numpy as np
import pytest
from PIL import Image

from flexura.errors import OutputUnwritable, RenderError
from flexura.records import SIGN_NAMES
from flexura.synthesis import SetConfig, draw_spec, render, write_set
from flexura.synthesis.write import TRUTH_COLUMNS, mask_levels

SIZE = (64, 96)


def _rows(path):
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def test_png_set_round_trip(tmp_path):
    """Photos, masks and the table agree with what each row's seed renders."""
    told = []
    table = write_set(tmp_path / "set", count=3, seed=9, config=SetConfig(SIZE, "png"), progress=told.append)
    rows = _rows(table)
    assert told == [1, 2, 3]
    assert tuple(rows[0]) == TRUTH_COLUMNS
    for row in rows:
        photo = render(draw_spec(int(row["seed"]), SIZE))
        np.testing.assert_array_equal(np.array(Image.open(table.parent / row["file"])), photo.pixels)
        mask = np.array(Image.open(table.parent / row["mask"]))
        np.testing.assert_array_equal(mask, mask_levels(photo))
        assert set(np.unique(mask)) <= {0, 128, 255}
        assert tuple(int(row[name]) for name in SIGN_NAMES) == photo.signs
        assert int(row["tone"]) == photo.tone
        affected, skin = (mask == 255).sum(), (mask > 0).sum()
        assert float(row["area_fraction"]) == pytest.approx(affected / skin, abs=1e-6)


def test_jpeg_set_is_close_to_what_was_rendered(tmp_path):
    """The default format loses a little, and repeats to the byte."""
    tables = [write_set(tmp_path / name, count=1, seed=9, config=SetConfig(SIZE)) for name in ("a", "b")]
    row = _rows(tables[0])[0]
    photo = render(draw_spec(int(row["seed"]), SIZE))
    decoded = np.array(Image.open(tables[0].parent / row["file"])).astype(int)
    assert np.abs(decoded - photo.pixels).mean() < 3.0
    assert (tables[0].parent / row["file"]).read_bytes() == (tables[1].parent / row["file"]).read_bytes()
    assert tables[0].read_bytes() == tables[1].read_bytes()


def test_a_longer_set_begins_with_the_shorter(tmp_path):
    """The same seed gives the same first photos."""
    short, long = (write_set(tmp_path / str(n), count=n, seed=4, config=SetConfig(SIZE)) for n in (1, 2))
    assert _rows(long)[:1] == _rows(short)


@pytest.mark.parametrize(("count", "seed", "size"), [(0, 1, SIZE), (1, -1, SIZE), (1, 1, (8, 8))])
def test_impossible_sets_are_refused(tmp_path, count, seed, size):
    """Count, seed and size have their ranges."""
    with pytest.raises(RenderError):
        write_set(tmp_path, count=count, seed=seed, config=SetConfig(size))


def test_unwritable_folder_is_named_as_such(tmp_path):
    """A file where the folder should be."""
    blocked = tmp_path / "taken"
    blocked.write_text("")
    with pytest.raises(OutputUnwritable):
        write_set(blocked, count=1, seed=1, config=SetConfig(SIZE))
