"""From trained networks to the two graphs of a bundle; the one place of inference that needs torch.

Several networks, trained by one recipe from different seeds, answer as one: a photo goes once through the stem and
stages 1-2, which they share. The answer is the geometric mean of their probabilities, grades are arithmetic means, and
the first network draws the maps. The second graph also holds fixed dropout masks over the fused vectors, for the
stochastic samples, in which the networks take turns, and the distance to the training photos. Large matrices keep int8
weights per channel.

References: Lakshminarayanan et al. 2017, arXiv 1612.01474; shared early stages: Lee et al. 2015, arXiv 1511.06314.
"""

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from flexura.errors import BundleMismatch
from flexura.inference.graphs import ANSWER, LOOK, Graph
from flexura.model.heads import corn_probabilities
from flexura.model.network import POOLED_WIDTH, Network
from flexura.records import FloatArray

# Samples over fusion and heads only; the backbone runs once (performance.md).
SAMPLES = 16
SAMPLE_DROPOUT = 0.2
# A matrix of more weights than this is stored as int8.
LARGE = 100_000
# Early stages are the same where their features differ by no more than int8 weights make them: .016 of those that ship.
AS_ROUNDED = 0.03


@dataclass(frozen=True)
class Neighbourhood:
    """Where the training photos lie in the network's features: class means in a whitened space.

    The squared distance of a photo to the nearest mean is a Mahalanobis distance with shared
    covariance (Lee et al. 2018, arXiv 1807.03888).
    """

    centre: FloatArray  # (D,)
    whitening: FloatArray  # (D, K)
    means: FloatArray  # (T, K), whitened


def fit_neighbourhood(features: FloatArray, labels: np.ndarray, *, components: int) -> Neighbourhood:
    """Fit class means and the shared covariance of features (N, D), kept to its `components` largest axes."""
    centre = features.mean(0)
    present = np.unique(labels)
    means = np.stack([features[labels == label].mean(0) for label in present])
    within = features - means[np.searchsorted(present, labels)]
    values, vectors = np.linalg.eigh(np.cov(within, rowvar=False))
    values, vectors = values[::-1][:components], vectors[:, ::-1][:, :components]
    # Shrink towards the mean variance: small axes of few photos are noise.
    shrunk = 0.9 * values + 0.1 * values.mean()
    whitening = (vectors / np.sqrt(shrunk)).astype(np.float32)
    return Neighbourhood(centre.astype(np.float32), whitening, ((means - centre) @ whitening).astype(np.float32))


def _distance_of_early_stages(one: Network, other: Network) -> float:
    """How far their features of noise lie apart, as a share of these."""
    noise = torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        seen = [network.backbone.early(network.input_layers(noise)) for network in (one, other)]
    return float((seen[1] - seen[0]).norm() / seen[0].norm())


class Members(nn.Module):
    """Networks of one shape with the same early stages, but for what rounding to int8 makes of them.

    Parameters
    ----------
    networks : sequence of Network
        One or more.

    Raises
    ------
    BundleMismatch
        If they have other shapes, or their early stages differ.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        super().__init__()
        first, *others = networks
        for other in others:
            if other.config != first.config:
                raise BundleMismatch("the networks have different shapes; train them by one recipe")
            # So written, weights that are no numbers are refused too.
            if not _distance_of_early_stages(first, other) <= AS_ROUNDED:
                raise BundleMismatch("the networks' stem and stages 1-2 differ, so a photo cannot go through them once")
        self.networks = nn.ModuleList(networks)

    @property
    def members(self) -> list[Network]:
        """The networks."""
        return [cast(Network, each) for each in self.networks]


class LookingPart(Members):
    """Trained networks as far as maps, attention and pooled features: a bundle's first graph.

    Each pools by its own attention. The maps are those of the first, which of the networks that ship errs less in the
    area; the mean of their maps is no better outline (docs/evidence.md).
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        super().__init__(networks)
        self.eval()

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Give maps as probabilities, attention and pooled features, these side by side."""
        first = self.members[0]
        stride8 = first.backbone.early(first.input_layers(pixels))
        looks = [each.look_from(stride8) for each in self.members]
        return (
            torch.sigmoid(looks[0].maps),
            _mean([look.attention for look in looks]),
            torch.cat([look.pooled for look in looks], 1),
        )


class AnsweringPart(Members):
    """Fusion and heads with probabilities, samples and distance as outputs: a bundle's second graph.

    Parameters
    ----------
    networks : sequence of Network
        Those of the first graph.
    neighbourhoods : sequence of Neighbourhood
        One of each.
    seed : int
        Of the masks.
    """

    masks: Tensor

    def __init__(self, networks: Sequence[Network], neighbourhoods: Sequence[Neighbourhood], *, seed: int = 0) -> None:
        super().__init__(networks)
        random = torch.Generator().manual_seed(seed)
        kept = torch.rand(SAMPLES, self.members[0].config.embedding, generator=random) >= SAMPLE_DROPOUT
        self.register_buffer("masks", kept.float() / (1 - SAMPLE_DROPOUT))
        for number, place in enumerate(neighbourhoods):
            for name in ("centre", "whitening", "means"):
                self.register_buffer(f"{name}_{number}", torch.from_numpy(getattr(place, name)))
        self.eval()

    def forward(self, pooled: Tensor, context: Tensor, findings: Tensor) -> tuple[Tensor, ...]:
        """Give logits, samples of them, sign and IGA probabilities and distance."""
        members = self.members
        own = zip(members, torch.split(pooled, POOLED_WIDTH, 1), strict=True)
        answers = [network.answer(features, context, findings) for network, features in own]
        # The networks take turns, so that the samples spread by what these do not agree on, too.
        samples = [
            network.heads.diagnosis(torch.relu(answer.fused)[:, None] * self.masks[number :: len(members)])
            for number, (network, answer) in enumerate(zip(members, answers, strict=True))
        ]
        return (
            _mean([answer.diagnosis for answer in answers]),
            torch.cat(samples, 1),
            _mean([corn_probabilities(answer.signs) for answer in answers]),
            _mean([corn_probabilities(answer.iga) for answer in answers]),
            _mean([self._distance(answer.embedding, number) for number, answer in enumerate(answers)]),
        )

    def _distance(self, embedding: Tensor, number: int) -> Tensor:
        """Squared distance (B,) of a network's embeddings to the nearest class of its training photos."""
        centre, whitening, means = (self.get_buffer(f"{name}_{number}") for name in ("centre", "whitening", "means"))
        whitened = (embedding - centre) @ whitening
        return (whitened[:, None] - means).square().sum(2).amin(1)


def _mean(each: list[Tensor]) -> Tensor:
    return each[0] if len(each) == 1 else torch.stack(each).mean(0)


def export_look(looking: LookingPart, path: Path, *, side: int) -> None:
    """Write the first graph in fp32: pixels uint8 (B, side, side, 3) in."""
    _export(looking, (torch.zeros(2, side, side, 3, dtype=torch.uint8),), path, LOOK)


def export_answer(answering: AnsweringPart, path: Path) -> None:
    """Write the second graph in fp32: pooled features (B, 3072 x networks), context (B, F) and findings (B, M) in."""
    config = answering.members[0].config
    widths = (POOLED_WIDTH * len(answering.members), config.context_features, config.findings)
    _export(answering, tuple(torch.zeros(2, width) for width in widths), path, ANSWER)


def _export(part: nn.Module, example: tuple[Tensor, ...], path: Path, graph: Graph) -> None:
    batch = torch.export.Dim("batch", min=1, max=256)
    # The exporter tells of a torchvision that nothing here needs, of a name of its own that torch
    # deprecates, and that all inputs share the batch axis.
    logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`isinstance\\(treespec, LeafSpec\\)` is deprecated", FutureWarning)
        warnings.filterwarnings("ignore", "# The axis name: batch will not be used", UserWarning)
        program = torch.onnx.export(
            part,
            example,
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            dynamic_shapes=tuple({0: batch} for _ in graph.inputs),
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export gave no program")
    program.save(str(path))


def quantise(fp32: Path, int8: Path) -> None:
    """Store the weights of convolutions and of large matrices as int8 per output channel; the engine computes in fp32.

    Weights alone: with int8 activations too, from static ranges, the first code agreed with fp32 on
    fewer photos than the release asks for.
    """
    model = onnx.load(str(fp32))
    graph = model.graph
    weights = {node.input[1] for node in graph.node if node.op_type in {"Conv", "Gemm"}}
    for initializer in [one for one in graph.initializer if one.name in weights]:
        values = onnx.numpy_helper.to_array(initializer).astype(np.float32)
        if values.ndim == 2 and values.size < LARGE:
            continue
        scale = np.maximum(np.abs(values).reshape(len(values), -1).max(1), 1e-12) / 127
        levels = np.rint(values / scale.reshape(-1, *[1] * (values.ndim - 1))).astype(np.int8)
        name = initializer.name
        initializer.CopyFrom(onnx.numpy_helper.from_array(levels, f"{name}_int8"))
        graph.initializer.append(onnx.numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"))
        node = onnx.helper.make_node("DequantizeLinear", [f"{name}_int8", f"{name}_scale"], [name], axis=0)
        graph.node.insert(0, node)
    onnx.save(model, str(int8))
