"""Reads the environment into one frozen `Settings`; no other module reads configuration.

Every variable is a row of `VARIABLES`, described in docs/settings.md. A value that cannot be
used is an error that names its variable; unset means the default of the room that uses it.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flexura.errors import DependencyMissing, SettingsError
from flexura.records import CORRECTIONS, PREPARATION_STEPS

if TYPE_CHECKING:
    from flexura.inference.bundle import Bundle
    from flexura.inference.predictor import Predictor
    from flexura.intake.isolated import IsolatedReader
    from flexura.intake.read import IntakeLimits
    from flexura.preprocessing.prepare import PreparationConfig
    from flexura.security.keys import KeyRing
    from flexura.storage.store import Store

PREFIX = "FLEXURA_"


@dataclass(frozen=True)
class Secret:
    """A setting that shows itself to nobody."""

    text: str = field(repr=False)

    def __str__(self) -> str:
        """Say that there is one."""
        return "(set, not shown)"


@dataclass(frozen=True)
class Settings:
    """What the environment decides; `None` leaves the choice to the room that uses the value.

    `bundle` is the folder of a model bundle, `max_bytes` and `max_pixels` limit one photo file,
    `decoding_bytes` and `decoding_seconds` what decoding one may cost, `threads` is the number of
    threads of the engine, `preprocess` names the steps that measure a photo and `correct` those that change it,
    `debug` shows tracebacks. The clinic's store lies in `data_dir`; `database`
    is its address, which may hold a password; its master keys are in `master_key_file` or `master_key`.
    """

    bundle: Path | None = None
    max_bytes: int | None = None
    max_pixels: int | None = None
    decoding_bytes: int | None = None
    decoding_seconds: int | None = None
    threads: int | None = None
    preprocess: tuple[str, ...] = PREPARATION_STEPS
    correct: tuple[str, ...] = ()
    debug: bool = False
    data_dir: Path | None = None
    database: Secret | None = None
    master_key_file: Path | None = None
    master_key: Secret | None = None


@dataclass(frozen=True)
class Variable:
    """One environment variable: its name, the `Settings` field it fills, and how its text is read."""

    name: str
    field: str
    parse: Callable[[str], object]
    expected: str


def _positive_integer(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def parse_steps(text: str) -> tuple[str, ...]:
    """Read names of preparation steps, with commas between them.

    Parameters
    ----------
    text : str
        Such as "scale,artefacts", or "none".

    Returns
    -------
    tuple[str, ...]
        In their order, each once.

    Raises
    ------
    ValueError
        When a name is none of `PREPARATION_STEPS`; the message names these.

    Examples
    --------
    >>> parse_steps("artefacts, scale")
    ('scale', 'artefacts')
    """
    return _names(text, PREPARATION_STEPS)


def parse_corrections(text: str) -> tuple[str, ...]:
    """Read names of steps that are to change the picture; as `parse_steps`, but of `CORRECTIONS`.

    Parameters
    ----------
    text : str
        Such as "artefacts", or "none".

    Returns
    -------
    tuple[str, ...]
        In their order, each once.

    Raises
    ------
    ValueError
        When a name is none of `CORRECTIONS`; the message names these.
    """
    return _names(text, CORRECTIONS)


def _names(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    given = {name.strip() for name in text.split(",")} - {"", "none"}
    if given - set(known):
        raise ValueError(f"unknown step; give some of {','.join(known)}, or none")
    return tuple(name for name in known if name in given)


def _yes_or_no(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]


VARIABLES = (
    Variable("FLEXURA_BUNDLE", "bundle", Path, "the path of a folder"),
    Variable("FLEXURA_MAX_BYTES", "max_bytes", _positive_integer, "a whole number of bytes from 1 up"),
    Variable("FLEXURA_MAX_PIXELS", "max_pixels", _positive_integer, "a whole number of pixels from 1 up"),
    Variable("FLEXURA_DECODING_BYTES", "decoding_bytes", _positive_integer, "a whole number of bytes from 1 up"),
    Variable("FLEXURA_DECODING_SECONDS", "decoding_seconds", _positive_integer, "a whole number of seconds from 1 up"),
    Variable("FLEXURA_THREADS", "threads", _positive_integer, "a whole number from 1 up"),
    Variable("FLEXURA_PREPROCESS", "preprocess", parse_steps, f"none or some of {','.join(PREPARATION_STEPS)}"),
    Variable("FLEXURA_CORRECT", "correct", parse_corrections, f"none or some of {','.join(CORRECTIONS)}"),
    Variable("FLEXURA_DEBUG", "debug", _yes_or_no, "1 or 0"),
    Variable("FLEXURA_DATA_DIR", "data_dir", Path, "the path of a folder"),
    Variable("FLEXURA_DATABASE", "database", Secret, "the address of a database"),
    Variable("FLEXURA_MASTER_KEY_FILE", "master_key_file", Path, "the path of a file"),
    Variable("FLEXURA_MASTER_KEY", "master_key", Secret, "master keys in Base64"),
)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from environment variables.

    Parameters
    ----------
    environment : Mapping[str, str] | None
        The variables of this process if `None`. A variable that is empty counts as unset.

    Returns
    -------
    Settings
        One value per variable of `VARIABLES`; the field's default where unset.

    Raises
    ------
    SettingsError
        When a variable holds a value that cannot be used.

    Examples
    --------
    >>> read_settings({"FLEXURA_THREADS": "2"}).threads
    2
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    for variable in VARIABLES:
        text = environment.get(variable.name, "").strip()
        if not text:
            continue
        try:
            values[variable.field] = variable.parse(text)
        except (ValueError, KeyError) as error:
            message = f"{variable.name} must be {variable.expected}; correct it or unset it."
            raise SettingsError(message) from error
    return Settings(**values)  # type: ignore[arg-type]


def unknown_variables(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Name the variables that look like flexura's and are not: usually slips of the pen.

    Parameters
    ----------
    environment : Mapping[str, str] | None
        The variables of this process if `None`.

    Returns
    -------
    tuple[str, ...]
        Sorted names that start with FLEXURA_ and are no row of `VARIABLES`.

    Examples
    --------
    >>> unknown_variables({"FLEXURA_THREAD": "2"})
    ('FLEXURA_THREAD',)
    """
    environment = os.environ if environment is None else environment
    known = {variable.name for variable in VARIABLES}
    return tuple(sorted(name for name in environment if name.startswith(PREFIX) and name not in known))


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
        `preprocess` and `correct`.

    Returns
    -------
    PreparationConfig | None
        `None` where nothing is.
    """
    from flexura.pipeline import plan_preparation

    return plan_preparation(settings.preprocess, settings.correct)


def plan_check(settings: Settings) -> "PreparationConfig | None":
    """Choose what is measured on a photo that no network looks at: skin is found by its colour, nothing is changed.

    Parameters
    ----------
    settings : Settings
        `preprocess`.

    Returns
    -------
    PreparationConfig | None
        `None` where nothing is.
    """
    from flexura.pipeline import plan_preparation

    plan = plan_preparation(settings.preprocess)
    return plan and replace(plan, background=replace(plan.background, method="colour"))


def build_predictor(settings: Settings) -> "Predictor":
    """Load the bundle that the settings name and wire the engine to it.

    Parameters
    ----------
    settings : Settings
        `bundle` (the shipped one if `None`) and `threads` (the CPUs this process may run on
        if `None`).

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
    """
    from flexura.inference.predictor import Predictor

    return Predictor(open_bundle(settings), threads=settings.threads)


def open_bundle(settings: Settings) -> "Bundle":
    """Load and verify the bundle that the settings name.

    Parameters
    ----------
    settings : Settings
        `bundle`, or the shipped one if `None`.

    Returns
    -------
    Bundle
        Verified against its own hashes.

    Raises
    ------
    BundleMissing
        When the bundle or a file of it is not on disk.
    BundleMismatch
        When a file of the bundle is not what the bundle promises.
    """
    from flexura.inference.bundle import load_bundle

    return load_bundle(settings.bundle)


def open_store(settings: Settings) -> "Store":
    """Open the clinic's store that the settings name; a new database gets its tables.

    Parameters
    ----------
    settings : Settings
        `data_dir`, `database` (a file in that folder if `None`), and the master keys.

    Returns
    -------
    Store
        Ready for visits.

    Raises
    ------
    SettingsError
        When a setting that it needs is missing.
    KeyMissing
        When there is no master key.
    KeyUnfit
        When a master key is weak, or its file open to others.
    DatabaseUnavailable
        When the database cannot be reached.
    DatabaseOutdated
        When its tables are of another version.
    DependencyMissing
        When the extra `server` is not installed.
    """
    store = connect_store(settings)
    from flexura.storage.database import check_revision, current_revision, upgrade
    from flexura.storage.objects import prepare_folder

    if current_revision(store.engine) is None:
        upgrade(store.engine)
    check_revision(store.engine)
    prepare_folder(store.folder)
    return store


def connect_store(settings: Settings) -> "Store":
    """Wire the clinic's store without making anything in it, as restoring a backup needs.

    Parameters
    ----------
    settings : Settings
        As for `open_store`.

    Returns
    -------
    Store
        Perhaps empty.

    Raises
    ------
    SettingsError
        When a setting that it needs is missing.
    KeyMissing
        When there is no master key.
    KeyUnfit
        When a master key is weak, or its file open to others.
    DependencyMissing
        When the extra `server` is not installed.
    """
    try:
        from flexura.storage.database import open_database
        from flexura.storage.store import Store
    except ModuleNotFoundError as error:
        raise DependencyMissing("The clinic's store is not installed; pip install 'flexura[server]'.") from error
    if settings.data_dir is None:
        raise SettingsError("FLEXURA_DATA_DIR must name the folder of the clinic's data.")
    read_master_keys(settings)  # no start without
    folder = settings.data_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = settings.database.text if settings.database else f"sqlite:///{folder / 'clinic.db'}"
    return Store(
        open_database(url), folder / "photos", lambda: read_master_keys(settings), lambda: datetime.now(UTC), os.urandom
    )


def read_master_keys(settings: Settings) -> "KeyRing":
    """Read the master keys, as they are now.

    Parameters
    ----------
    settings : Settings
        `master_key_file`, or `master_key`.

    Returns
    -------
    KeyRing

    Raises
    ------
    SettingsError
        When both are set: which one holds would be a guess.
    KeyMissing
        When there is none.
    KeyUnfit
        When one is weak, or the file open to others.
    """
    from flexura.security.keyfile import read_key_file
    from flexura.security.keys import parse_keys

    if settings.master_key_file and settings.master_key:
        raise SettingsError("Set FLEXURA_MASTER_KEY_FILE or FLEXURA_MASTER_KEY, not both.")
    if settings.master_key_file:
        return read_key_file(settings.master_key_file)
    return parse_keys(settings.master_key.text if settings.master_key else "")
