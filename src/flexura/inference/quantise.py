"""From a trained checkpoint to the two graphs of a bundle; the one place of inference that needs torch.

Convolutions keep int8 weights per channel; fusion and heads stay fp32, they cost nothing.
The second graph also holds fixed dropout masks over the fused vector, for the stochastic samples, and
the distance to the training photos.
"""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from flexura.inference.graphs import ANSWER, LOOK, Graph
from flexura.model.heads import corn_probabilities
from flexura.model.network import POOLED_WIDTH, Network
from flexura.records import FloatArray

# Samples over fusion and heads only; the backbone runs once (performance.md).
SAMPLES = 16
SAMPLE_DROPOUT = 0.2


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


class LookingPart(nn.Module):
    """The trained network as far as maps, attention and pooled features: a bundle's first graph."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.eval()

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Give maps as probabilities, attention and pooled features."""
        look = self.network.look(pixels)
        return torch.sigmoid(look.maps), look.attention, look.pooled


class AnsweringPart(nn.Module):
    """Fusion and heads with probabilities, samples and distance as outputs: a bundle's second graph."""

    masks: Tensor
    centre: Tensor
    whitening: Tensor
    means: Tensor

    def __init__(self, network: Network, neighbourhood: Neighbourhood, *, seed: int = 0) -> None:
        super().__init__()
        self.network = network
        random = torch.Generator().manual_seed(seed)
        kept = torch.rand(SAMPLES, network.config.embedding, generator=random) >= SAMPLE_DROPOUT
        self.register_buffer("masks", kept.float() / (1 - SAMPLE_DROPOUT))
        self.register_buffer("centre", torch.from_numpy(neighbourhood.centre))
        self.register_buffer("whitening", torch.from_numpy(neighbourhood.whitening))
        self.register_buffer("means", torch.from_numpy(neighbourhood.means))
        self.eval()

    def forward(self, pooled: Tensor, context: Tensor, findings: Tensor) -> tuple[Tensor, ...]:
        """Give logits, samples of them, sign and IGA probabilities and distance."""
        output = self.network.answer(pooled, context, findings)
        activated = torch.relu(output.fused)[:, None] * self.masks
        samples = self.network.heads.diagnosis(activated)
        whitened = (output.embedding - self.centre) @ self.whitening
        distance = (whitened[:, None] - self.means).square().sum(2).amin(1)
        signs, iga = corn_probabilities(output.signs), corn_probabilities(output.iga)
        return output.diagnosis, samples, signs, iga, distance


def export_look(network: Network, path: Path, *, side: int) -> None:
    """Write the first graph in fp32: pixels uint8 (B, side, side, 3) in."""
    _export(LookingPart(network), (torch.zeros(2, side, side, 3, dtype=torch.uint8),), path, LOOK)


def export_answer(answering: AnsweringPart, path: Path) -> None:
    """Write the second graph: pooled features (B, 3072), context (B, F) and findings (B, M) in."""
    config = answering.network.config
    widths = (POOLED_WIDTH, config.context_features, config.findings)
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
    """Store the convolutions' weights as int8 per output channel; the engine computes in fp32.

    Weights alone: with int8 activations too, from static ranges, the first code agreed with fp32 on
    fewer photos than the release asks for.
    """
    model = onnx.load(str(fp32))
    graph = model.graph
    weights = {node.input[1] for node in graph.node if node.op_type == "Conv"}
    for initializer in [one for one in graph.initializer if one.name in weights]:
        values = onnx.numpy_helper.to_array(initializer).astype(np.float32)
        scale = np.maximum(np.abs(values).reshape(len(values), -1).max(1), 1e-12) / 127
        levels = np.rint(values / scale.reshape(-1, *[1] * (values.ndim - 1))).astype(np.int8)
        name = initializer.name
        initializer.CopyFrom(onnx.numpy_helper.from_array(levels, f"{name}_int8"))
        graph.initializer.append(onnx.numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"))
        node = onnx.helper.make_node("DequantizeLinear", [f"{name}_int8", f"{name}_scale"], [name], axis=0)
        graph.node.insert(0, node)
    onnx.save(model, str(int8))
