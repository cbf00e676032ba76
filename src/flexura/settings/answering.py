"""Wires what an answer needs: the reader of files, limits, preparation and the model, as the settings say.

What a verb does not use is not imported: the answer path stays light.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from flexura.errors import SettingsError
from flexura.settings.variables import Settings

if TYPE_CHECKING:
    from flexura.inference.bundle import Bundle
    from flexura.inference.gathering import Batching
    from flexura.inference.predictor import Predictor
    from flexura.intake.isolated import IsolatedReader
    from flexura.intake.read import IntakeLimits
    from flexura.preprocessing.prepare import PreparationConfig


def open_reader(settings: Settings) -> "IsolatedReader":
    """Start the process that decodes photos.

    Parameters
    ----------
    settings : Settings
        `max_bytes`, `max_pixels`, `decoding_bytes` and `decoding_seconds` replace intake's own
        defaults where set.

    Returns
    -------
    IsolatedReader
        A context manager, which ends the process.
    """
    from flexura.intake.isolated import DecodingLimits, IsolatedReader

    costs = {"max_memory_bytes": settings.decoding_bytes, "max_seconds": settings.decoding_seconds}
    return IsolatedReader(intake_limits(settings), decoding=DecodingLimits(**_given(costs)))


def intake_limits(settings: Settings) -> "IntakeLimits":
    """State what a photo file must keep to.

    Parameters
    ----------
    settings : Settings
        `max_bytes` and `max_pixels` replace intake's own defaults where set.

    Returns
    -------
    IntakeLimits
    """
    from flexura.intake.read import IntakeLimits

    return IntakeLimits(**_given({"max_bytes": settings.max_bytes, "max_pixels": settings.max_pixels}))


def _given(values: Mapping[str, int | None]) -> dict[str, int]:
    return {name: value for name, value in values.items() if value is not None}


def plan_assessment(settings: Settings) -> "PreparationConfig | None":
    """Choose what is measured on a photo before the answer, and what is changed before the network looks.

    Parameters
    ----------
    settings : Settings
        `preprocess`, `correct` and `colour_card_mm`.

    Returns
    -------
    PreparationConfig | None
        `None` where nothing is.
    """
    from flexura.pipeline import plan_preparation

    return plan_preparation(settings.preprocess, settings.correct, colour_card_mm=settings.colour_card_mm)


def plan_check(settings: Settings) -> "PreparationConfig | None":
    """Choose what is measured on a photo that no network looks at: skin is found by its colour, nothing is changed.

    Parameters
    ----------
    settings : Settings
        `preprocess` and `colour_card_mm`.

    Returns
    -------
    PreparationConfig | None
        `None` where nothing is.
    """
    from flexura.pipeline import plan_preparation

    plan = plan_preparation(settings.preprocess, colour_card_mm=settings.colour_card_mm)
    return plan and replace(plan, background=replace(plan.background, method="colour"))


def plan_batching(settings: Settings) -> "Batching | None":
    """Choose how the network looks at photos that several threads have at the same time.

    Parameters
    ----------
    settings : Settings
        `batch` and `batch_wait_ms`.

    Returns
    -------
    Batching | None
        `None` where each is looked at alone.
    """
    from flexura.inference.gathering import Batching

    if settings.batch in (None, 1):
        return None
    waits = {} if settings.batch_wait_ms is None else {"wait_s": settings.batch_wait_ms / 1000}
    return Batching(settings.batch, **waits)


def build_predictor(settings: Settings, *, batching: "Batching | None" = None) -> "Predictor":
    """Load the bundle that the settings name and wire the engine to it.

    Parameters
    ----------
    settings : Settings
        `bundle` or the adopted one (see `open_bundle`), `threads` (the CPUs this process may run on
        if `None`) and `device`.
    batching : Batching | None
        For a predictor that many threads share, from `plan_batching`.

    Returns
    -------
    Predictor
        Ready to predict.

    Raises
    ------
    BundleMissing
        When the bundle or a file of it is not on disk.
    BundleMismatch
        When a file of the bundle is not what the bundle promises.
    DependencyMissing
        When `device` is `cuda` and there is no such provider, or it does not start.
    """
    from flexura.inference.predictor import Predictor, find_place

    place = find_place(settings.device)
    return Predictor(open_bundle(settings), threads=settings.threads, place=place, batching=batching)


def open_bundle(settings: Settings) -> "Bundle":
    """Load and verify the bundle in force: the one that the settings name, else the one that the clinic adopted.

    Parameters
    ----------
    settings : Settings
        `bundle`; if `None`, what was adopted in `data_dir`; the shipped one if nothing was.

    Returns
    -------
    Bundle
        Verified against its own hashes.

    Raises
    ------
    BundleMissing
        When the bundle or a file of it is not on disk.
    BundleMismatch
        When a file of the bundle is not what the bundle promises, or not what was adopted.
    """
    from flexura.inference.adoption import find_in_force
    from flexura.inference.bundle import load_bundle

    adopted = find_in_force(models_folder(settings)) if settings.data_dir and not settings.bundle else None
    return load_bundle(settings.bundle or adopted)


def models_folder(settings: Settings) -> Path:
    """Name the folder of a clinic's adopted bundles.

    Parameters
    ----------
    settings : Settings
        `data_dir`.

    Returns
    -------
    Path
        Need not be there.

    Raises
    ------
    SettingsError
        When `data_dir` is not set.
    """
    if settings.data_dir is None:
        raise SettingsError("FLEXURA_DATA_DIR must name the folder of the clinic's data.")
    return settings.data_dir / "models"
