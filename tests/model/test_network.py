"""The assembled network: shapes, no influence between photos, context and findings only where they belong."""

import math

import torch
from torch import Tensor

from flexura.model.network import Answer, Look, Network, NetworkConfig


def look(network: Network, pixels: Tensor) -> Look:
    with torch.no_grad():
        return network.look(pixels)


def read(network: Network, pixels: Tensor, context: float, findings: float = math.nan) -> Answer:
    with torch.no_grad():
        pooled, count = network.look(pixels).pooled, len(pixels)
        return network.answer(pooled, torch.full((count, 3), context), torch.full((count, 2), findings))


def test_every_output_has_its_shape(network: Network, pixels: Tensor) -> None:
    both = look(network, pixels)._asdict() | read(network, pixels, 0.5)._asdict()
    shapes = {name: tuple(tensor.shape) for name, tensor in both.items()}
    assert shapes == {
        "diagnosis": (3, 5),
        "signs": (3, 6, 3),
        "iga": (3, 4),
        "maps": (3, 2, 8, 8),
        "attention": (3, 1, 4, 4),
        "pooled": (3, 3072),
        "embedding": (3, 512),
        "fused": (3, 512),
    }


def test_a_photo_scores_the_same_alone_and_in_a_batch(network: Network, pixels: Tensor) -> None:
    alone = (*look(network, pixels[1:2]), *read(network, pixels[1:2], 0.5))
    together = (*look(network, pixels), *read(network, pixels, 0.5))
    for one, many in zip(alone, together, strict=True):
        torch.testing.assert_close(one[0], many[1], rtol=1e-4, atol=1e-4)


def test_photos_are_told_apart(network: Network, pixels: Tensor) -> None:
    diagnosis = read(network, pixels, math.nan).diagnosis
    assert not torch.allclose(diagnosis[0], diagnosis[1], rtol=1e-3)


def test_unknown_context_changes_nothing(network: Network, pixels: Tensor) -> None:
    output = read(network, pixels, math.nan)
    assert torch.equal(output.fused, output.embedding)
    assert all(tensor.isfinite().all() for tensor in output)


def test_context_and_findings_reach_the_answer_but_not_the_picture(network: Network, pixels: Tensor) -> None:
    unknown = read(network, pixels, math.nan)
    for known in (read(network, pixels, 1.0), read(network, pixels, math.nan, 1.0)):
        assert (known.diagnosis != unknown.diagnosis).all()
        assert torch.equal(known.embedding, unknown.embedding)


def test_attention_weighs_what_mean_and_maximum_cannot_exceed(network: Network, pixels: Tensor) -> None:
    with torch.no_grad():
        _, features = network.backbone(network.input_layers(pixels))
    mean, highest, weighted = look(network, pixels).pooled.chunk(3, 1)
    torch.testing.assert_close(mean, features.flatten(2).mean(2))
    assert (weighted <= highest + 1e-4).all()
    assert (weighted >= features.flatten(2).amin(2) - 1e-4).all()


def test_an_untrained_fourth_stage_of_any_depth_gives_the_same_answers(network: Network, pixels: Tensor) -> None:
    shallow = Network(NetworkConfig(codes=5, context_features=3, findings=2, layer4_blocks=0)).eval()
    weights = network.state_dict()
    shallow.load_state_dict({name: weights[name] for name in shallow.state_dict()})
    assert torch.equal(read(shallow, pixels, 0.5).diagnosis, read(network, pixels, 0.5).diagnosis)
