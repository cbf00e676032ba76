"""What a run starts from: ImageNet weights of the backbone, a trained checkpoint, or a bundle as it ships.

From a bundle a hospital goes on with its own photos: its graphs hold every weight, the convolutions' as int8.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors import SafetensorError, safe_open
from torch import Tensor

from flexura.errors import BundleMismatch, BundleMissing
from flexura.inference.bundle import Bundle, load_bundle
from flexura.model.backbone import BATCH_NORM_EPS, FixedBatchNorm
from flexura.model.checkpoint import load_checkpoint
from flexura.model.network import Network, NetworkConfig

Weights: TypeAlias = dict[str, np.ndarray]

# Of several networks that answer as one each has its number. They share the early stages of the first, and scales that
# are the same in all, which the exporter keeps once.
_NAME: Final = re.compile(r"network(s\.(?P<number>\d+))?\.(?P<name>.*)")
_SHARED: Final = re.compile(r"backbone\.(?!layer[34]\.)|.*\.(centre|spread)$")
# The exporter folds a batch norm into the convolution before it, whose bias then stands for it.
_FOLDED: Final = re.compile(r"(?P<block>.*)\.conv(?P<number>\d)\.weight_bias")


def load_start(network: Network, start: Path, pixels: Tensor, *, member: int = 1) -> None:
    """Give a network the weights that a run starts from, in place.

    Parameters
    ----------
    network : Network
    start : Path
        A bundle's folder, a checkpoint of `flexura train`, or a safetensors file of the backbone's first stages.
    pixels : uint8 (B, H, W, 3)
        Training photos: a fresh fourth stage gets their statistics.
    member : int
        Which of a bundle's networks, counted from 1.

    Raises
    ------
    BundleMissing
        If there is nothing.
    BundleMismatch
        If it holds the weights of another network, or a bundle has no such member.
    """
    if start.is_dir():
        _load_bundle(network, start, member)
    elif not start.is_file():
        raise BundleMissing(f"no weights to start from at {start.name}")
    elif _is_checkpoint(start):
        _load(network, load_checkpoint(start)[0].state_dict())
    else:
        try:
            network.backbone.load_pretrained(start)
        except (ValueError, SafetensorError) as error:
            raise BundleMismatch(f"the weights to start from do not fit: {error}") from error
        fit_fixed_statistics(network, pixels)


def fit_fixed_statistics(network: Network, pixels: Tensor) -> None:
    """Give the fourth stage's batch norms the statistics of a batch of photos; they stay fixed after it."""
    norms = [part for part in network.backbone.layer4.modules() if isinstance(part, FixedBatchNorm)]
    for norm in norms:
        norm.training, norm.momentum = True, 1.0
    with torch.no_grad():
        network.backbone(network.input_layers(pixels))
    for norm in norms:
        norm.training, norm.momentum = False, 0.1


def _is_checkpoint(path: Path) -> bool:
    try:
        with safe_open(path, "pt") as opened:
            return "format" in (opened.metadata() or {})
    except SafetensorError as error:
        raise BundleMismatch("the weights to start from are no safetensors file, or only a part of one") from error


def _load(network: Network, weights: Mapping[str, Tensor]) -> None:
    try:
        network.load_state_dict(dict(weights))
    except RuntimeError as error:
        raise BundleMismatch("the weights to start from belong to a network of another shape") from error


def networks_of(bundle: Bundle) -> list[Network]:
    """The networks that answer in a bundle, frozen; convolutions and large matrices as int8 left them."""
    return [_network(weights) for weights in _members_of(bundle)]


def _network(stored: Weights) -> Network:
    """A network of the shape that its weights have."""
    blocks = {name.split(".")[2] for name in stored if name.startswith("backbone.layer4.")}
    config = NetworkConfig(
        codes=len(stored["heads.diagnosis.weight"]),
        context_features=len(stored["fusion.from_context.centre"]),
        findings=len(stored["fusion.from_findings.centre"]),
        layer4_blocks=len(blocks),
        embedding=len(stored["fusion.from_image.weight"]),
        map_width=len(stored["attention.mix.weight"]),
    )
    network = Network(config).requires_grad_(False).eval()
    _fill(network, stored)
    return network


def _load_bundle(network: Network, folder: Path, member: int) -> None:
    members = _members_of(load_bundle(folder))  # which refuses files that are missing or changed
    if not 1 <= member <= len(members):
        raise BundleMismatch(f"the bundle has {len(members)} networks; there is no member {member}")
    _fill(network, members[member - 1])


def _fill(network: Network, stored: Weights) -> None:
    weights = _unfold(network, stored)
    _load(network, {name: torch.from_numpy(np.array(values)) for name, values in weights.items()})


def _members_of(bundle: Bundle) -> list[Weights]:
    """The weights of each of a bundle's networks by their names in it."""
    stored = _stored(onnx.load(str(bundle.look)).graph) | _stored(onnx.load(str(bundle.answer)).graph)
    found: dict[int, Weights] = {}
    for place, value in stored.items():
        if named := _NAME.fullmatch(place):
            found.setdefault(int(named["number"] or 0), {})[named["name"]] = value
    shared = {name: value for name, value in found[0].items() if _SHARED.match(name)}
    return [shared | found[number] for number in sorted(found)]


def _stored(graph: onnx.GraphProto) -> Weights:
    """Every weight of a graph by its name in it; int8 weights at their scale."""
    values = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    weights = {}
    for name, value in values.items():
        scale = values.get(f"{name.removesuffix('_int8')}_scale")
        if name.endswith("_int8") and scale is not None:
            weights[name.removesuffix("_int8")] = value.astype(np.float32) * scale.reshape(-1, *[1] * (value.ndim - 1))
        else:
            weights[name] = value
    for node in graph.node:
        if node.op_type == "BatchNormalization":
            place = node.input[1].removesuffix(".weight")
            weights |= {f"{place}.running_mean": values[node.input[3]], f"{place}.running_var": values[node.input[4]]}
    return weights


def _unfold(network: Network, stored: Weights) -> Weights:
    """The network's tensors; a folded batch norm becomes one that adds its bias and scales nothing."""
    folded = {
        f"{found['block']}.bn{int(found['number']) + (1 if '.layer' in name else 0)}": bias
        for name, bias in stored.items()
        if (found := _FOLDED.fullmatch(name))
    }
    weights: Weights = {}
    for name, tensor in network.state_dict().items():
        place, _, kind = name.rpartition(".")
        if name in stored:
            weights[name] = stored[name].reshape(tuple(tensor.shape))
        elif place in folded:
            weights[name] = _as_shift(kind, folded[place])
        elif kind == "num_batches_tracked":
            weights[name] = np.array(0)
        else:
            raise BundleMismatch(f"the bundle's graphs hold no weights for {name}")
    return weights


def _as_shift(kind: str, bias: np.ndarray) -> np.ndarray:
    """One tensor of a batch norm that adds `bias` alone."""
    neutral = {
        "weight": np.ones_like(bias),
        "bias": bias,
        "running_mean": np.zeros_like(bias),
        "running_var": np.full_like(bias, 1 - BATCH_NORM_EPS),
        "num_batches_tracked": np.array(0),
    }
    return neutral[kind]
