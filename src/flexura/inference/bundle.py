"""A model bundle on disk: `bundle.json` describes it, `network.onnx` is the graph; checked before use.

The description carries the network's SHA-256, its input, its calibration and where it came
from. A bundle made for another preprocessing is refused: its numbers would be silently wrong.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.calibration import Calibration
from flexura.decision.calibration_file import calibration_from_mapping, calibration_to_mapping
from flexura.errors import BundleMismatch, BundleMissing
from flexura.pipeline import PREPROCESSING_VERSION
from flexura.records import ModelInfo

FORMAT = "flexura.bundle/1"
DESCRIPTION_FILE = "bundle.json"
NETWORK_FILE = "network.onnx"
SHIPPED = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class Bundle:
    """A verified bundle.

    `side` is the network's square input in pixels; `origin` says how it was trained (recipe,
    seed, hashes); `figures` are measured numbers, for people.
    """

    network: Path
    side: int
    calibration: Calibration = field(repr=False)
    info: ModelInfo
    origin: Mapping[str, Any]
    figures: Mapping[str, Any]


def load_bundle(folder: Path | None = None) -> Bundle:
    """Read and verify a bundle.

    Parameters
    ----------
    folder : Path or None
        Folder of the bundle; the shipped one if `None`.

    Returns
    -------
    Bundle
        Whose network's hash is the promised one.

    Raises
    ------
    BundleMissing
        If the description or the network is not there.
    BundleMismatch
        If a file is not what the description promises, or the bundle is for another flexura.
    """
    folder = folder or SHIPPED
    described, network = folder / DESCRIPTION_FILE, folder / NETWORK_FILE
    for file in (described, network):
        if not file.is_file():
            raise BundleMissing(f"the model bundle has no {file.name}; install flexura again or give a bundle's folder")
    try:
        description = json.loads(described.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BundleMismatch(f"{DESCRIPTION_FILE} is not JSON; install the bundle again") from error
    _check_description(description)
    found = sha256_of(network)
    if found != description["network_sha256"]:
        raise BundleMismatch(
            f"{NETWORK_FILE} has SHA-256 {found[:12]}…, expected {str(description['network_sha256'])[:12]}…; "
            "install the bundle again"
        )
    model = {name: str(description["model"][name]) for name in _MODEL_KEYS}
    return Bundle(
        network=network,
        side=int(description["side"]),
        calibration=calibration_from_mapping(description["calibration"]),
        info=ModelInfo(sha256=found, **model),
        origin=description["origin"],
        figures=description["figures"],
    )


_MODEL_KEYS = ("name", "version", "weights_licence", "intended_use")
_KEYS = {
    "format",
    "model",
    "network_sha256",
    "side",
    "preprocessing_version",
    "context_names",
    "calibration",
    "origin",
    "figures",
}


def _check_description(description: object) -> None:
    if not isinstance(description, dict) or set(description) != _KEYS:
        raise BundleMismatch(f"{DESCRIPTION_FILE} must hold exactly {', '.join(sorted(_KEYS))}")
    expected = {
        "format": FORMAT,
        "preprocessing_version": PREPROCESSING_VERSION,
        "context_names": list(CONTEXT_NAMES),
    }
    for name, value in expected.items():
        if description[name] != value:
            raise BundleMismatch(f"the bundle's {name} is {description[name]!r}, this flexura needs {value!r}")
    side = description["side"]
    if not isinstance(side, int) or side < 32 or side % 32:
        raise BundleMismatch(f"the bundle's side is {side!r}, the network needs a multiple of 32 pixels")
    model = description["model"]
    if not isinstance(model, dict) or set(model) != set(_MODEL_KEYS):
        raise BundleMismatch(f"model in the bundle must hold exactly {', '.join(_MODEL_KEYS)}")


def write_description(
    folder: Path,
    *,
    side: int,
    calibration: Calibration,
    model: Mapping[str, str],
    origin: Mapping[str, Any],
    figures: Mapping[str, Any],
) -> None:
    """Describe the network that lies in `folder`; `model` holds name, version, weights_licence and intended_use."""
    description = {
        "format": FORMAT,
        "model": dict(model),
        "network_sha256": sha256_of(folder / NETWORK_FILE),
        "side": side,
        "preprocessing_version": PREPROCESSING_VERSION,
        "context_names": list(CONTEXT_NAMES),
        "calibration": calibration_to_mapping(calibration),
        "origin": dict(origin),
        "figures": dict(figures),
    }
    _check_description(description)
    text = json.dumps(description, indent=1, ensure_ascii=False)
    (folder / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
