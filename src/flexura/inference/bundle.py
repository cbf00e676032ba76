"""A model bundle on disk: `bundle.json` describes it, `look.onnx` and `answer.onnx` are its graphs; checked before use.

The description carries the graphs' SHA-256, their inputs, its calibration and where it came
from. A bundle made for another preprocessing is refused: its numbers would be silently wrong.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.calibration import Calibration
from flexura.decision.calibration_file import calibration_from_mapping, calibration_to_mapping
from flexura.errors import BundleMismatch, BundleMissing, OutputUnwritable
from flexura.features import FEATURE_NAMES
from flexura.inference.graphs import ANSWER, GRAPHS, LOOK
from flexura.pipeline import PREPROCESSING_VERSION
from flexura.records import ModelInfo

FORMAT = "flexura.bundle/2"
DESCRIPTION_FILE = "bundle.json"
SHIPPED = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class Bundle:
    """A verified bundle.

    `side` is the network's square input in pixels; `origin` says how it was trained (recipe,
    seed, hashes); `figures` are measured numbers, for people.
    """

    look: Path
    answer: Path
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
        Whose graphs' hashes are the promised ones.

    Raises
    ------
    BundleMissing
        If the description or a graph is not there.
    BundleMismatch
        If a file is not what the description promises, or the bundle is for another flexura.
    """
    folder = folder or SHIPPED
    for name in (DESCRIPTION_FILE, *(graph.file for graph in GRAPHS)):
        if not (folder / name).is_file():
            raise BundleMissing(f"the model bundle has no {name}; install flexura again or give a bundle's folder")
    try:
        description = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BundleMismatch(f"{DESCRIPTION_FILE} is not JSON; install the bundle again") from error
    _check_description(description)
    for name, promised in description["sha256"].items():
        found = sha256_of(folder / name)
        if found != promised:
            raise BundleMismatch(
                f"{name} has SHA-256 {found[:12]}…, expected {str(promised)[:12]}…; install the bundle again"
            )
    model = {name: str(description["model"][name]) for name in _MODEL_KEYS}
    return Bundle(
        look=folder / LOOK.file,
        answer=folder / ANSWER.file,
        side=int(description["side"]),
        calibration=calibration_from_mapping(description["calibration"]),
        info=ModelInfo(sha256=_sha256_of_both(description["sha256"]), **model),
        origin=description["origin"],
        figures=description["figures"],
    )


_MODEL_KEYS = ("name", "version", "weights_licence", "intended_use")
_KEYS = {
    "format",
    "model",
    "sha256",
    "side",
    "preprocessing_version",
    "context_names",
    "finding_names",
    "calibration",
    "origin",
    "figures",
}


def hash_description(bundle: Bundle) -> str:
    """Give the SHA-256 of a bundle's description, which holds the hashes of all else in it; 64 hexadecimal digits."""
    return sha256_of(bundle.look.with_name(DESCRIPTION_FILE))


def _check_description(description: object) -> None:
    if not isinstance(description, dict) or set(description) != _KEYS:
        raise BundleMismatch(f"{DESCRIPTION_FILE} must hold exactly {', '.join(sorted(_KEYS))}")
    expected = {
        "format": FORMAT,
        "preprocessing_version": PREPROCESSING_VERSION,
        "context_names": list(CONTEXT_NAMES),
        "finding_names": list(FEATURE_NAMES),
    }
    for name, value in expected.items():
        if description[name] != value:
            raise BundleMismatch(f"the bundle's {name} is {description[name]!r}, this flexura needs {value!r}")
    hashes = description["sha256"]
    if not isinstance(hashes, dict) or set(hashes) != {graph.file for graph in GRAPHS}:
        raise BundleMismatch("sha256 in the bundle must hold exactly one hash of each graph")
    side = description["side"]
    if not isinstance(side, int) or side < 32 or side % 32:
        raise BundleMismatch(f"the bundle's side is {side!r}, the network needs a multiple of 32 pixels")
    model = description["model"]
    if not isinstance(model, dict) or set(model) != set(_MODEL_KEYS):
        raise BundleMismatch(f"model in the bundle must hold exactly {', '.join(_MODEL_KEYS)}")


def refuse_bundle_at(folder: Path) -> None:
    """Refuse to write where a bundle is.

    Parameters
    ----------
    folder : Path
        May be missing.

    Raises
    ------
    OutputUnwritable
        If it holds one.
    """
    if (folder / DESCRIPTION_FILE).exists():
        raise OutputUnwritable(f"a bundle is there already, and its {DESCRIPTION_FILE} stays; give a new folder")


def write_copy(bundle: Bundle, out: Path, version: str) -> None:
    """Write the graphs of a bundle and what it now says of itself, and verify what was written."""
    out.mkdir(parents=True, exist_ok=True)
    for file in (bundle.look, bundle.answer, *bundle.look.parent.glob("MODEL_LICENSE")):
        shutil.copyfile(file, out / file.name)
    info = bundle.info
    write_description(
        out,
        side=bundle.side,
        calibration=bundle.calibration,
        model={
            "name": info.name,
            "version": version,
            "weights_licence": info.weights_licence,
            "intended_use": info.intended_use,
        },
        origin=bundle.origin,
        figures=bundle.figures,
    )
    load_bundle(out)


def write_description(
    folder: Path,
    *,
    side: int,
    calibration: Calibration,
    model: Mapping[str, str],
    origin: Mapping[str, Any],
    figures: Mapping[str, Any],
) -> None:
    """Describe the graphs that lie in `folder`; `model` holds name, version, weights_licence and intended_use."""
    description = {
        "format": FORMAT,
        "model": dict(model),
        "sha256": {graph.file: sha256_of(folder / graph.file) for graph in GRAPHS},
        "side": side,
        "preprocessing_version": PREPROCESSING_VERSION,
        "context_names": list(CONTEXT_NAMES),
        "finding_names": list(FEATURE_NAMES),
        "calibration": calibration_to_mapping(calibration),
        "origin": dict(origin),
        "figures": dict(figures),
    }
    _check_description(description)
    text = json.dumps(description, indent=1, ensure_ascii=False)
    (folder / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")


def _sha256_of_both(hashes: Mapping[str, str]) -> str:
    """One hash that names the weights: SHA-256 of the graphs' hashes, in their order, joined by line ends."""
    return hashlib.sha256("\n".join(hashes[graph.file] for graph in GRAPHS).encode()).hexdigest()


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
