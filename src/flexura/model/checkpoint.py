"""A trained network on disk: weights with everything needed to read them again.

Weights and description are one safetensors file, loaded without running any code in it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from flexura.errors import BundleMismatch, BundleMissing
from flexura.model.network import Network, NetworkConfig

FORMAT = "flexura.checkpoint/1"


@dataclass(frozen=True)
class CheckpointInfo:
    """What a checkpoint says of itself: label order, context features, preprocessing version, origin.

    `side` is the network's input in pixels. Of the groups in `train_folds` one in
    `calibration_one_in` did not train it (0: all did), nor did photos of `unseen_sources`.
    """

    codes: tuple[str, ...]
    context_names: tuple[str, ...]
    preprocessing_version: str
    recipe_name: str
    recipe_sha256: str
    manifest_sha256: str
    seed: int
    side: int
    train_folds: tuple[int, ...]
    calibration_one_in: int
    unseen_sources: tuple[str, ...]


def save_checkpoint(path: Path, network: Network, info: CheckpointInfo) -> None:
    """Write the network's weights, shape and origin to `path`, atomically."""
    metadata = {
        "format": FORMAT,
        "config": json.dumps(asdict(network.config), sort_keys=True),
        "info": json.dumps(asdict(info), sort_keys=True),
    }
    part = path.with_suffix(".part")
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, part, metadata)
    part.replace(path)


def load_checkpoint(path: Path) -> tuple[Network, CheckpointInfo]:
    """Read a network written by `save_checkpoint`, in evaluation mode.

    Parameters
    ----------
    path : Path
        A safetensors file.

    Returns
    -------
    tuple[Network, CheckpointInfo]
        Network and its origin.

    Raises
    ------
    BundleMissing
        If there is no such file.
    BundleMismatch
        If the file is no checkpoint of this format, or its weights and description do not fit each other.
    """
    if not path.is_file():
        raise BundleMissing("no checkpoint there; train one with `flexura train`")
    try:
        with safe_open(path, "pt") as opened:
            metadata = opened.metadata() or {}
    except SafetensorError as error:
        raise BundleMismatch("the checkpoint is no safetensors file, or only a part of one") from error
    if metadata.get("format") != FORMAT:
        raise BundleMismatch(f"expected a {FORMAT} file, saw format {metadata.get('format')!r}")
    try:
        info = dict(json.loads(metadata["info"]))
        info = {name: tuple(value) if isinstance(value, list) else value for name, value in info.items()}
        network = Network(NetworkConfig(**json.loads(metadata["config"])))
        network.load_state_dict(load_file(path))
        return network.eval(), CheckpointInfo(**info)
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise BundleMismatch("the checkpoint's weights and description do not fit each other") from error
