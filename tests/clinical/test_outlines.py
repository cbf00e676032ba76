"""Outlines as text: what is written is read again, and what does not fill its frame is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from flexura.clinical.outlines import parse_outline, write_outline


@given(arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12)))
def test_what_is_written_is_read_again(inside):
    assert np.array_equal(parse_outline(write_outline(inside)), inside)


@given(st.text(alphabet="0123456789x:,", max_size=20))
def test_any_text_is_an_outline_that_fills_its_frame_or_refused(text):
    try:
        read = parse_outline(text)
    except ValueError:
        return
    width, height = map(int, text.partition(":")[0].split("x"))
    assert read.shape == (height, width)


@pytest.mark.parametrize(
    "text", ["", "2x2", "2x2:", "2x2:3", "2x2:5", "0x2:0", "2x2:-1,5", "1025x1:1025", "2x2:4 ", "2x2:4,"]
)
def test_what_is_no_outline_is_refused(text):
    with pytest.raises(ValueError, match="outline"):
        parse_outline(text)
