"""Who trains and who is only looked at: photos split as a recipe says, with what accompanies them."""

from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from flexura.errors import ManifestError
from flexura.training.batches import Batches
from flexura.training.datasets import CODES, LabelledPhoto, kept_for_calibration, read_rendered
from flexura.training.leakage import audit
from flexura.training.predictions import ECZEMA
from flexura.training.processes import ALONE, Ranks
from flexura.training.recipe import DataConfig, Recipe, StageConfig
from flexura.training.scin import ContextPool, read_context_pool


@dataclass(frozen=True)
class Arranged:
    """The photos of a run.

    `watched` are looked at while training, and none of them trains: folds to watch, photos kept for
    calibration, sources kept out; those that hold a photo.
    """

    training: list[LabelledPhoto]
    watched: dict[str, list[LabelledPhoto]]
    contexts: ContextPool | None
    rendered: list[LabelledPhoto]

    def batches(self, stage: StageConfig, *, seed: int, ranks: Ranks = ALONE) -> Batches:
        """A stage's batches.

        Parameters
        ----------
        stage : StageConfig
        seed : int
        ranks : Ranks
            Of the processes that share them.

        Returns
        -------
        Batches
            Of the stage's photos.

        Raises
        ------
        ManifestError
            If no training photo is one of the stage's.
        """
        photos = [photo for photo in self.training if _belongs(photo, stage)]
        if not photos:
            raise ManifestError(f"no training photo is one of stage {stage.name!r} (photos: {stage.photos})")
        return Batches(photos, stage, seed=seed, contexts=self.contexts, rendered=self.rendered, ranks=ranks)


def _belongs(photo: LabelledPhoto, stage: StageConfig) -> bool:
    if stage.photos == "eczema":
        return bool(ECZEMA[photo.label])
    return stage.photos == "all" or photo.reading is not None or photo.outline is not None


def beside(folder: Path, name: str) -> Path | None:
    """A path of a recipe, relative to a folder or absolute; None where it is empty."""
    return folder / name if name else None


def arrange(photos: list[LabelledPhoto], recipe: Recipe, data: Path) -> Arranged:
    """Split photos as a recipe says.

    Parameters
    ----------
    photos : list of LabelledPhoto
        Of the manifest.
    recipe : Recipe
    data : Path
        The data folder, which the recipe's paths are relative to.

    Returns
    -------
    Arranged
        What trains and what is watched.

    Raises
    ------
    ManifestError
        If nothing trains, a code has too few training photos, or a file that the recipe names is not there.
    LeakageError
        If a training photo is a near-duplicate of one that does not train.
    """
    wanted = recipe.data
    photos = _left_in(photos, wanted)
    unseen = [photo for photo in photos if photo.source in wanted.unseen_sources]
    seen = [photo for photo in photos if photo.source not in wanted.unseen_sources]
    kept = {
        photo.file
        for photo in seen
        if kept_for_calibration(photo, folds=wanted.train_folds, one_in=wanted.calibration_one_in)
    }
    training = [photo for photo in seen if photo.fold in wanted.train_folds and photo.file not in kept]
    _check_counts(training, wanted)
    if wanted.audit:
        trains = {photo.file for photo in training}
        audit(photos, data, split_of=lambda photo: "trains" if photo.file in trains else "held out")
    scin, rendered = beside(data, wanted.scin), beside(data, wanted.rendered)
    watched = {
        "watch": [photo for photo in seen if photo.fold in wanted.watch_folds],
        "calibration": [photo for photo in seen if photo.file in kept],
        "unseen": unseen,
    }
    return Arranged(
        training,
        {name: of_name for name, of_name in watched.items() if of_name},
        contexts=read_context_pool(scin) if scin else None,
        rendered=read_rendered(rendered) if rendered else [],
    )


def _left_in(photos: list[LabelledPhoto], wanted: DataConfig) -> list[LabelledPhoto]:
    left_out: set[str] = set()
    for pattern in wanted.leave_out:
        found = {photo.file for photo in photos if fnmatchcase(photo.file, pattern)}
        if not found:
            raise ManifestError(f"leave_out names {pattern}, which no photo of the manifest is")
        left_out |= found
    return [photo for photo in photos if photo.file not in left_out]


def _check_counts(training: list[LabelledPhoto], wanted: DataConfig) -> None:
    if not training:
        folds = ", ".join(map(str, sorted(wanted.train_folds)))
        raise ManifestError(f"no photo trains: none lies in folds {folds} outside the sources kept out")
    count = Counter(photo.code for photo in training)
    few = [f"{code} ({count[code]})" for code in CODES if 0 < count[code] < wanted.least_photos]
    if few:
        raise ManifestError(
            f"too few training photos of {', '.join(few)}: add photos, give them another code or leave them out; "
            f"or set least_photos in [data], now {wanted.least_photos}"
        )
