"""Every variable of the environment as a row, and the one frozen `Settings` that they become.

No other module reads configuration. A value that cannot be used is an error that names its variable; unset means the
default of the room that uses it. docs/settings.md describes every row.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flexura.errors import SettingsError
from flexura.inference.devices import DEVICES, Device
from flexura.photo import CARD_MM
from flexura.records import CORRECTIONS, PREPARATION_STEPS
from flexura.security import hsmaddress
from flexura.security.hsmaddress import HsmAddress, parse_address

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
    threads of the engine, `device` where it computes, `batch` and `batch_wait_ms` how the service lets it look at
    photos together, `preprocess` names the steps that measure a photo and `correct` those that change it,
    `colour_card_mm` tells the size of a colour card, `debug` shows tracebacks. The clinic's store lies in `data_dir`;
    `database` is its address, which may hold a password; its master
    keys are in `master_key_file`, `master_key` or `master_key_hsm`, and while it moves between them those that only
    unwrap are in `earlier_master_keys`. `origin` is the service's address as browsers see it; `oidc_issuer`,
    `oidc_client` and `oidc_secret` name its identity provider.
    """

    bundle: Path | None = None
    max_bytes: int | None = None
    max_pixels: int | None = None
    decoding_bytes: int | None = None
    decoding_seconds: int | None = None
    threads: int | None = None
    device: Device = "auto"
    batch: int | None = None
    batch_wait_ms: int | None = None
    preprocess: tuple[str, ...] = PREPARATION_STEPS
    correct: tuple[str, ...] = ()
    colour_card_mm: float | None = None
    debug: bool = False
    data_dir: Path | None = None
    database: Secret | None = None
    master_key_file: Path | None = None
    master_key: Secret | None = None
    master_key_hsm: HsmAddress | None = None
    earlier_master_keys: HsmAddress | Path | None = None
    origin: str | None = None
    oidc_issuer: str | None = None
    oidc_client: str | None = None
    oidc_secret: Secret | None = None


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


def _whole_number(text: str) -> int:
    number = int(text)
    if number < 0:
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


def parse_card_mm(text: str) -> float:
    """Read the length of a colour card's rows.

    Parameters
    ----------
    text : str
        Millimetres from the left edge of a row's first patch to that of its sixth.

    Returns
    -------
    float
        5 to 1000.

    Raises
    ------
    ValueError
        When it is no number or out of range; the message says so.

    Examples
    --------
    >>> parse_card_mm("72.5")
    72.5
    """
    low, high = CARD_MM
    try:
        length_mm = float(text)
    except ValueError:
        length_mm = float("nan")
    if not low <= length_mm <= high:
        raise ValueError(f"give {low:.0f} to {high:.0f} millimetres, from a row's first patch to its sixth")
    return length_mm


def _file_or_hsm(text: str) -> HsmAddress | Path:
    return parse_address(text) if text.startswith(hsmaddress.SCHEME) else Path(text)


def _device(text: str) -> str:
    return DEVICES[DEVICES.index(text.lower())]


def _yes_or_no(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]


VARIABLES = (
    Variable("FLEXURA_BUNDLE", "bundle", Path, "the path of a folder"),
    Variable("FLEXURA_MAX_BYTES", "max_bytes", _positive_integer, "a whole number of bytes from 1 up"),
    Variable("FLEXURA_MAX_PIXELS", "max_pixels", _positive_integer, "a whole number of pixels from 1 up"),
    Variable("FLEXURA_DECODING_BYTES", "decoding_bytes", _positive_integer, "a whole number of bytes from 1 up"),
    Variable("FLEXURA_DECODING_SECONDS", "decoding_seconds", _positive_integer, "a whole number of seconds from 1 up"),
    Variable("FLEXURA_THREADS", "threads", _positive_integer, "a whole number from 1 up"),
    Variable("FLEXURA_DEVICE", "device", _device, f"one of {', '.join(DEVICES)}"),
    Variable("FLEXURA_BATCH", "batch", _positive_integer, "a whole number of photos from 1 up"),
    Variable("FLEXURA_BATCH_WAIT_MS", "batch_wait_ms", _whole_number, "a whole number of milliseconds from 0 up"),
    Variable("FLEXURA_PREPROCESS", "preprocess", parse_steps, f"none or some of {','.join(PREPARATION_STEPS)}"),
    Variable("FLEXURA_CORRECT", "correct", parse_corrections, f"none or some of {','.join(CORRECTIONS)}"),
    Variable("FLEXURA_COLOUR_CARD_MM", "colour_card_mm", parse_card_mm, "millimetres from 5 to 1000"),
    Variable("FLEXURA_DEBUG", "debug", _yes_or_no, "1 or 0"),
    Variable("FLEXURA_DATA_DIR", "data_dir", Path, "the path of a folder"),
    Variable("FLEXURA_DATABASE", "database", Secret, "the address of a database"),
    Variable("FLEXURA_MASTER_KEY_FILE", "master_key_file", Path, "the path of a file"),
    Variable("FLEXURA_MASTER_KEY", "master_key", Secret, "master keys in Base64"),
    Variable("FLEXURA_MASTER_KEY_HSM", "master_key_hsm", parse_address, hsmaddress.FORM),
    Variable("FLEXURA_EARLIER_MASTER_KEYS", "earlier_master_keys", _file_or_hsm, f"a path, or {hsmaddress.FORM}"),
    Variable("FLEXURA_ORIGIN", "origin", str, "the address of the service"),
    Variable("FLEXURA_OIDC_ISSUER", "oidc_issuer", str, "the address of an identity provider"),
    Variable("FLEXURA_OIDC_CLIENT", "oidc_client", str, "a name"),
    Variable("FLEXURA_OIDC_SECRET", "oidc_secret", Secret, "a password"),
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
