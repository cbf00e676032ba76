"""What each preparation step does to a network that was trained without it: accuracy with each step on and off.

    python benchmarks/preprocessing_ablation.py DATA BUNDLE [--fold 3]

DATA holds `photos.csv` and `photos/`, BUNDLE a model's folder. Every row runs the bundle's graph on the same photos,
once as they are, once with all steps, once with each step alone and once with all but it. The skin is found by colour;
with "network" in the name of a row, by the bundle's own skin map of the unprepared photo. Nothing is written.
A step that only helps a network trained with it cannot be judged here.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from flexura.errors import ManifestError
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Engine, Predictor
from flexura.preprocessing.artefacts import ArtefactConfig
from flexura.preprocessing.background import BackgroundConfig
from flexura.preprocessing.lighting import ColourCastConfig, IlluminationConfig
from flexura.preprocessing.prepare import PreparationConfig, prepare_pixels
from flexura.preprocessing.scale import ScaleEvidence
from flexura.records import FloatArray
from flexura.training.datasets import LabelledPhoto, read_manifest
from flexura.training.predictions import Figures, diagnosis_figures, predict_graphs

# Scale changes no pixel, so it is left out throughout; a ruler is then not filled in either.
NOTHING = PreparationConfig(scale=None, artefacts=None, colour_cast=None, illumination=None)
GREYED = BackgroundConfig(outside="grey")
EVERYTHING = PreparationConfig(scale=None, background=GREYED)
SKIN_CHANNEL = 1  # of the maps: lesion, skin


def variants() -> Iterator[tuple[str, PreparationConfig]]:
    """Name and settings of every row."""
    yield "as it is", NOTHING
    yield "all steps", EVERYTHING
    yield "only artefacts", replace(NOTHING, artefacts=ArtefactConfig())
    yield "only colour cast", replace(NOTHING, colour_cast=ColourCastConfig())
    yield "only colour cast, grey picture", replace(NOTHING, colour_cast=ColourCastConfig(grey="picture"))
    yield "only illumination", replace(NOTHING, illumination=IlluminationConfig())
    yield "only background", replace(NOTHING, background=GREYED)
    yield "only background, by network", replace(NOTHING, background=replace(GREYED, method="network"))
    yield "all but artefacts", replace(EVERYTHING, artefacts=None)
    yield "all but colour cast", replace(EVERYTHING, colour_cast=None)
    yield "all but illumination", replace(EVERYTHING, illumination=None)
    yield "all but background", replace(EVERYTHING, background=BackgroundConfig())


def prepared(
    photos: Sequence[LabelledPhoto], config: PreparationConfig, skin_maps: Sequence[FloatArray]
) -> list[LabelledPhoto]:
    """The photos after the chosen steps; the network's skin map is used where the settings ask for it."""
    by_network = config.background.method == "network"
    return [
        replace(
            photo,
            pixels=prepare_pixels(
                photo.pixels, config, evidence=ScaleEvidence(), skin_map=skin_map if by_network else None
            ).pixels,
        )
        for photo, skin_map in zip(photos, skin_maps, strict=True)
    ]


def figures_of(engine: Engine, photos: Sequence[LabelledPhoto]) -> Figures:
    """Top-1, top-3 and the eczema family's AUC."""
    return diagnosis_figures(predict_graphs(engine, photos).logits, photos)


def row(name: str, figures: Figures, plain: Figures) -> str:
    """One line of the table: each figure and its change in points."""
    cells = []
    for figure in ("top1", "top3", "eczema_auc"):
        now, before = figures[figure], plain[figure]
        cells.append(
            "   unknown     " if now is None or before is None else f"{now:7.3f} ({100 * (now - before):+5.1f})"
        )
    return f"{name:<34}{''.join(cells)}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Accuracy of a bundle with each preparation step on and off.")
    parser.add_argument("data", type=Path)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--fold", type=int, default=3)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    bundle = load_bundle(asked.bundle)
    engine = Predictor(bundle)
    photos = [photo for photo in read_manifest(asked.data) if photo.fold == asked.fold]
    if not photos:
        raise ManifestError(f"no photo of fold {asked.fold}")
    skin_maps = [np.clip(maps[SKIN_CHANNEL], 0, 1) for maps in predict_graphs(engine, photos).maps]
    print(f"fold {asked.fold}, {len(photos)} photos, {bundle.side} px; change in points against the first row")
    print(f"{'':<34}{'top-1':>11}{'top-3':>15}{'eczema AUC':>19}")
    plain: Figures | None = None
    for name, config in variants():
        figures = figures_of(engine, prepared(photos, config, skin_maps))
        plain = figures if plain is None else plain
        print(row(name, figures, plain), flush=True)


if __name__ == "__main__":
    main()
