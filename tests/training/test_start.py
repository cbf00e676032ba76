from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from flexura.clinical.context import CONTEXT_NAMES
from flexura.errors import BundleMismatch, BundleMissing
from flexura.features import FEATURE_NAMES
from flexura.inference.bundle import SHIPPED, load_bundle
from flexura.inference.predictor import Engine
from flexura.model.backbone import FixedBatchNorm
from flexura.model.network import Network, NetworkConfig
from flexura.training.datasets import CODES
from flexura.training.start import fit_fixed_statistics, load_start, networks_of

PIXELS = torch.randint(0, 256, (4, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def _network(layer4_blocks: int = 2) -> Network:
    torch.manual_seed(0)
    config = NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=layer4_blocks)
    return Network(config).requires_grad_(False).eval()


def test_from_the_shipped_bundle_its_networks_answer_as_the_bundle() -> None:
    bundle = load_bundle(SHIPPED)
    networks = [_network() for _ in networks_of(bundle)]
    for member, network in enumerate(networks, start=1):
        load_start(network, SHIPPED, PIXELS, member=member)
    assert len(networks) == len(bundle.origin["members"]) == 2
    engine = Engine(bundle.look, bundle.answer, side=bundle.side, codes=len(CODES))
    pixels = torch.randint(0, 256, (1, 9, 9, 3), generator=torch.Generator().manual_seed(1)).float()
    smooth = torch.nn.functional.interpolate(pixels.permute(0, 3, 1, 2), size=bundle.side, mode="bicubic")
    picture = smooth.clamp(0, 255).permute(0, 2, 3, 1).to(torch.uint8)
    look = engine.look(picture[0].numpy())
    own = [network.look(picture) for network in networks]
    assert torch.allclose(torch.sigmoid(own[0].maps[0, 0]), torch.from_numpy(look.lesion_map), atol=2e-4)
    attention = torch.stack([each.attention[0, 0] for each in own]).mean(0)
    assert torch.allclose(attention, torch.from_numpy(look.attention), atol=2e-4)
    context, findings = torch.zeros(1, len(CONTEXT_NAMES)), torch.zeros(1, len(FEATURE_NAMES))
    answers = [
        network.answer(each.pooled, context, findings).diagnosis[0] for network, each in zip(networks, own, strict=True)
    ]
    shipped = engine.answer(look, context=context[0].numpy(), findings=findings[0].numpy())
    assert torch.allclose(torch.stack(answers).mean(0), torch.from_numpy(shipped.logits), atol=2e-3)


def test_a_bundle_of_another_shape_is_refused() -> None:
    with pytest.raises(BundleMismatch):
        load_start(_network(layer4_blocks=3), SHIPPED, PIXELS)


def test_backbone_weights_fill_the_first_stages(tmp_path: Path) -> None:
    other = _network(layer4_blocks=1)
    stages = {
        name: torch.full_like(tensor, 0.01) if name.endswith("conv1.weight") else tensor
        for name, tensor in other.backbone.state_dict().items()
        if not name.startswith("layer4.")
    }
    save_file(stages, tmp_path / "backbone.safetensors")
    network = _network(layer4_blocks=1)
    load_start(network, tmp_path / "backbone.safetensors", PIXELS)
    filled = network.backbone.get_parameter("layer1.0.conv1.weight")
    assert torch.equal(filled, torch.full_like(filled, 0.01))
    assert torch.equal(network.heads.diagnosis.weight, other.heads.diagnosis.weight)


def test_what_is_no_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing):
        load_start(_network(), tmp_path / "none.safetensors", PIXELS)
    (tmp_path / "half.safetensors").write_bytes(b"\x10\x00\x00\x00")
    with pytest.raises(BundleMismatch, match="no safetensors"):
        load_start(_network(), tmp_path / "half.safetensors", PIXELS)
    save_file({"conv": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(BundleMismatch, match="do not fit"):
        load_start(_network(), tmp_path / "other.safetensors", PIXELS)


def test_fourth_stage_gets_the_statistics_of_the_photos_and_the_rest_keeps_its_own() -> None:
    torch.manual_seed(0)
    network = Network(NetworkConfig(3, 2, 2, layer4_blocks=1))
    before = {name: tensor.clone() for name, tensor in network.backbone.state_dict().items()}
    fit_fixed_statistics(network, PIXELS)
    after = network.backbone.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before if not name.startswith("layer4"))
    with torch.no_grad():
        x = network.input_layers(PIXELS)
        backbone = network.backbone
        x = backbone.pool(torch.relu(backbone.bn1(backbone.conv1(backbone.bn0(x)))))
        third = backbone.layer3(backbone.layer2(backbone.layer1(x)))
    first = network.backbone.layer4[0].bn1
    assert isinstance(first, FixedBatchNorm)
    assert torch.allclose(first.running_mean, third.mean((0, 2, 3)), atol=1e-5)  # type: ignore[arg-type]
    assert not first.training
