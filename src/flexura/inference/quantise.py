"""From a trained checkpoint to the int8 graph of a bundle; the one place of inference that needs torch.

Convolutions become int8 (u8 activations, s8 weights per channel), calibrated on training
photos; fusion and heads stay fp32, they cost nothing. The graph also holds fixed dropout masks
over the fused vector, for the stochastic samples, and the distance to the training photos.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from flexura.inference.predictor import OUTPUTS
from flexura.model.heads import corn_probabilities
from flexura.model.network import Network
from flexura.records import FloatArray, UInt8Array

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


class AnsweringNetwork(nn.Module):
    """The trained network with probabilities, samples and distance as outputs: what a bundle holds."""

    masks: Tensor
    centre: Tensor
    whitening: Tensor
    means: Tensor

    def __init__(self, network: Network, neighbourhood: Neighbourhood, *, seed: int = 0) -> None:
        super().__init__()
        self.network = network.eval()
        random = torch.Generator().manual_seed(seed)
        kept = torch.rand(SAMPLES, network.config.embedding, generator=random) >= SAMPLE_DROPOUT
        self.register_buffer("masks", kept.float() / (1 - SAMPLE_DROPOUT))
        self.register_buffer("centre", torch.from_numpy(neighbourhood.centre))
        self.register_buffer("whitening", torch.from_numpy(neighbourhood.whitening))
        self.register_buffer("means", torch.from_numpy(neighbourhood.means))

    def forward(self, pixels: Tensor, context: Tensor) -> tuple[Tensor, ...]:
        """Give logits, samples of them, sign and IGA probabilities, maps and distance, in the order of `OUTPUTS`."""
        output = self.network(pixels, context)
        activated = torch.relu(output.fused)[:, None] * self.masks
        samples = self.network.heads.diagnosis(activated)
        whitened = (output.embedding - self.centre) @ self.whitening
        distance = (whitened[:, None] - self.means).square().sum(2).amin(1)
        signs, iga = corn_probabilities(output.signs), corn_probabilities(output.iga)
        return output.diagnosis, samples, signs, iga, torch.sigmoid(output.maps), distance


def export_fp32(answering: AnsweringNetwork, path: Path, *, side: int) -> None:
    """Write the fp32 graph: pixels uint8 (B, side, side, 3) and context (B, F) in, `OUTPUTS` out."""
    features = answering.network.config.context_features
    example = (torch.zeros(2, side, side, 3, dtype=torch.uint8), torch.zeros(2, features))
    batch = torch.export.Dim("batch", min=1, max=256)
    program = torch.onnx.export(
        answering,
        example,
        input_names=["pixels", "context"],
        output_names=list(OUTPUTS),
        dynamic_shapes=({0: batch}, {0: batch}),
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch.onnx.export gave no program")
    program.save(str(path))


class _Calibration:
    """Feeds training photos to the quantiser, one at a time."""

    def __init__(self, pictures: list[UInt8Array], context_features: int) -> None:
        unknown = np.full((1, context_features), np.nan, np.float32)
        self._feeds: Iterator[dict[str, np.ndarray]] = iter(
            [{"pixels": picture[None], "context": unknown} for picture in pictures]
        )

    def get_next(self) -> dict[str, np.ndarray] | None:
        """The next feed, or None at the end."""
        return next(self._feeds, None)


def quantise(fp32: Path, int8: Path, *, pictures: list[UInt8Array], context_features: int) -> None:
    """Write an int8 graph of `fp32`, its ranges taken from prepared pictures (side, side, 3)."""
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = int8.with_suffix(".prepared.onnx")
    quant_pre_process(str(fp32), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(int8),
        _Calibration(pictures, context_features),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["Conv", "Relu", "Add", "MaxPool"],
    )
    prepared.unlink()
