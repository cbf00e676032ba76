"""Raw pixels become what the backbone was trained on, by hand, and leave nothing in the checkpoint."""

import pytest
import torch

from flexura.model.input_layers import InputLayers

# (level / 255 - mean) / deviation of ImageNet, for red, green and blue.
WHITE = [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225]
BLACK = [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225]


@pytest.mark.parametrize(
    ("pixel", "expected"),
    [
        ([255, 255, 255], WHITE),
        ([0, 0, 0], BLACK),
        ([255, 0, 0], [WHITE[0], BLACK[1], BLACK[2]]),
        ([0, 0, 255], [BLACK[0], BLACK[1], WHITE[2]]),
    ],
)
def test_a_pixel_by_hand(pixel: list[int], expected: list[float]) -> None:
    normalised = InputLayers()(torch.tensor([[[pixel]]], dtype=torch.uint8))
    assert normalised.dtype == torch.float32
    assert normalised.flatten().tolist() == pytest.approx(expected, abs=1e-6)


def test_rows_stay_rows_and_channels_come_first() -> None:
    pixels = torch.zeros(2, 3, 4, 3, dtype=torch.uint8)
    pixels[1, 2, 0, 1] = 255
    normalised = InputLayers()(pixels)
    assert normalised.shape == (2, 3, 3, 4)
    assert (normalised > 0).nonzero().tolist() == [[1, 1, 2, 0]]


def test_the_constants_are_code_and_not_weights() -> None:
    assert not InputLayers().state_dict()
    assert not list(InputLayers().parameters())
