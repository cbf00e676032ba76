"""Fixed statistics, one block by hand, strides, and the pre-trained weights that are taken or refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from flexura.model.backbone import Backbone, Bottleneck, FixedBatchNorm

Tensors = dict[str, Tensor]


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    torch.manual_seed(3)
    return Backbone().eval()


@pytest.fixture(scope="module")
def pretrained() -> Tensors:
    """Stem and stages 1-3 of another network, in half precision as they are shipped."""
    torch.manual_seed(4)
    return {name: tensor.half() for name, tensor in Backbone(layer4_blocks=0).state_dict().items()}


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(5))


def plain_block(*, stride: int = 1) -> Bottleneck:
    """One channel; factors 2, 1 and 3 in the three convolutions, and 10 in the shortcut if it has one."""
    block = Bottleneck(1, 1, out_channels=1, stride=stride)
    for part, factor in ((block.conv1, 2.0), (block.conv2, 1.0), (block.conv3, 3.0), (block.downsample, 10.0)):
        if part is not None:
            nn.init.dirac_(part.weight)
            part.weight.data *= factor
    return block


@pytest.mark.parametrize("prepare", [lambda norm: norm, lambda norm: norm.train(), lambda norm: norm.eval()])
def test_statistics_never_move(prepare: Callable[[FixedBatchNorm], FixedBatchNorm]) -> None:
    # A module that was just made is in training mode, too.
    norm = prepare(FixedBatchNorm(1))
    norm(torch.tensor([10.0, 30.0]).view(2, 1, 1, 1))
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert (norm.running_mean.item(), norm.running_var.item()) == (0.0, 1.0)


def test_norm_by_hand_and_its_scale_learns() -> None:
    norm = FixedBatchNorm(1, eps=0.0)
    norm.load_state_dict({"running_mean": torch.tensor([2.0]), "running_var": torch.tensor([4.0])}, strict=False)
    norm.weight.data.fill_(3.0)
    norm.bias.data.fill_(1.0)
    y = norm.train()(torch.full((1, 1, 1, 1), 4.0))
    assert y.item() == 4.0  # (4 - 2) / 2 * 3 + 1
    y.sum().backward()
    assert norm.weight.grad is not None
    assert norm.weight.grad.item() == 1.0


@pytest.mark.parametrize(("x", "y"), [(2.0, 14.0), (-1.0, -1.0)])
def test_a_block_adds_to_its_raw_input(x: float, y: float) -> None:
    assert plain_block()(torch.full((1, 1, 1, 1), x)).item() == pytest.approx(y, rel=1e-4)


@pytest.mark.parametrize(("x", "y"), [(2.0, 32.0), (-1.0, 0.0)])
def test_a_block_that_reshapes_adds_to_its_activated_input(x: float, y: float) -> None:
    found = plain_block(stride=2)(torch.full((1, 1, 2, 2), x))
    assert found.shape == (1, 1, 1, 1)
    assert found.item() == pytest.approx(y, rel=1e-4)


def test_features_at_stride_8_and_16(backbone: Backbone) -> None:
    stride8, stride16 = backbone(torch.zeros(2, 3, 64, 96))
    assert stride8.shape == (2, 512, 8, 12)
    assert stride16.shape == (2, 1024, 4, 6)


def test_the_fourth_stage_starts_as_identity(backbone: Backbone) -> None:
    features = torch.randn(2, 1024, 4, 4, generator=torch.Generator().manual_seed(6))
    assert len(backbone.layer4) == 2
    assert torch.equal(backbone.layer4(features), features)


@pytest.mark.parametrize("training", [True, False])
def test_an_image_has_the_same_features_alone_and_in_a_batch(
    backbone: Backbone, images: Tensor, *, training: bool
) -> None:
    backbone.train(training)
    with torch.no_grad():
        alone, together = backbone(images[:1])[1], backbone(images)[1][:1]
    torch.testing.assert_close(alone, together, rtol=1e-4, atol=1e-4)


def test_pretrained_weights_are_taken_and_the_fourth_stage_keeps_its_start(tmp_path: Path, pretrained: Tensors) -> None:
    save_file(pretrained, tmp_path / "weights.safetensors")
    backbone = Backbone(layer4_blocks=1)
    start = {name: tensor.clone() for name, tensor in backbone.layer4.state_dict().items()}
    backbone.load_pretrained(tmp_path / "weights.safetensors")
    loaded = backbone.state_dict()
    assert all(torch.equal(loaded[name], tensor.to(loaded[name].dtype)) for name, tensor in pretrained.items())
    assert loaded["conv1.weight"].dtype == torch.float32
    assert all(torch.equal(loaded[f"layer4.{name}"], tensor) for name, tensor in start.items())


@pytest.mark.parametrize(
    ("without", "extra", "message"),
    [
        ("layer3.5.conv3.weight", None, "1 missing"),
        (None, "fc.weight", "fc.weight"),
        (None, "layer4.0.conv1.weight", r"layer4\.0\.conv1\.weight"),
    ],
)
def test_other_weights_are_refused_and_change_nothing(
    tmp_path: Path, pretrained: Tensors, *, without: str | None, extra: str | None, message: str
) -> None:
    tensors = {name: tensor for name, tensor in pretrained.items() if name != without}
    if extra:
        tensors[extra] = torch.ones(256, 1024, 1, 1).half()
    save_file(tensors, tmp_path / "weights.safetensors")
    backbone = Backbone(layer4_blocks=1)
    before = backbone.conv1.weight.clone()
    with pytest.raises(ValueError, match=message):
        backbone.load_pretrained(tmp_path / "weights.safetensors")
    assert torch.equal(backbone.conv1.weight, before)
