"""What a rendered photo shall show: `SkinSpec`, and a random one from a seed.

The spec holds the truth that a photo is rendered to; how the rest looks (form, light, camera,
background) follows from the seed alone. Sign grades are 0-3 in the order of `SIGN_NAMES`.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from flexura.errors import RenderError
from flexura.records import SIGN_NAMES
from flexura.synthesis.colour import TONES

Framing = Literal["close", "flat", "limb"]
Lighting = Literal["even", "room"]

SMALLEST_SIDE = 64
LARGEST_SIDE = 4096
HEALTHY_SHARE = 0.15  # of drawn specs
LARGEST_AREA = 0.9  # of the skin; above it there is no healthy skin left to compare with


@dataclass(frozen=True)
class SkinSpec:
    """One photo to render.

    Parameters
    ----------
    seed : int
        Everything not said below follows from it; 0 or more.
    tone : int
        Monk skin tone 1-10.
    signs : tuple[int, ...]
        Six grades 0-3 in the order of `SIGN_NAMES`; all 0 exactly when `area` is 0.
    area : float
        Affected fraction of the visible skin, 0-0.9.
    size : tuple[int, int]
        Height and width in pixels, 64-4096 each.
    framing : Framing
        "close" fills the frame from a hand's breadth, "flat" with a larger part of the body,
        "limb" shows an arm or leg before a background.
    lighting : Lighting
        "room" draws light, exposure and camera at random; "even" is neutral light without shading,
        under which unaffected skin has the colour of its swatch.

    Raises
    ------
    RenderError
        A value is out of its range, or signs and area contradict each other.
    """

    seed: int
    tone: int
    signs: tuple[int, ...]
    area: float
    size: tuple[int, int] = (384, 512)
    framing: Framing = "limb"
    lighting: Lighting = "room"

    def __post_init__(self) -> None:
        """Refuse what cannot be rendered."""
        problem = _problem(self)
        if problem:
            raise RenderError(problem)


def _problem(spec: SkinSpec) -> str | None:
    """Say what is wrong with a spec, and what would be right; `None` if nothing is."""
    rules: tuple[tuple[bool, str], ...] = (
        (spec.seed >= 0, f"seed is {spec.seed}; give 0 or more"),
        (spec.tone in TONES, f"tone is {spec.tone}; give a Monk skin tone from 1 to 10"),
        (
            len(spec.signs) == len(SIGN_NAMES) and all(grade in range(4) for grade in spec.signs),
            f"signs are {spec.signs}; give six grades 0-3 in the order {', '.join(SIGN_NAMES)}",
        ),
        (
            0.0 <= spec.area <= LARGEST_AREA,
            f"area is {spec.area}; give a fraction of the skin from 0 to {LARGEST_AREA}",
        ),
        (
            (spec.area > 0.0) == any(spec.signs),
            f"area is {spec.area} and signs are {spec.signs}; healthy skin has neither, a lesion has both",
        ),
        (
            all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in spec.size),
            f"size is {spec.size}; give height and width from {SMALLEST_SIDE} to {LARGEST_SIDE} pixels",
        ),
        (spec.framing in get_args(Framing), f"framing is {spec.framing!r}; give one of {get_args(Framing)}"),
        (spec.lighting in get_args(Lighting), f"lighting is {spec.lighting!r}; give one of {get_args(Lighting)}"),
    )
    return next((message for holds, message in rules if not holds), None)


# How often each grade 0-3 is drawn, by stage of the disease. Ours: acute eczema is red, swollen and weeping, chronic
# eczema thick and dry (Langan et al., Atopic dermatitis, doi:10.1016/S0140-6736(20)31286-1); shares are chosen so that
# every grade of every sign is common enough to learn.
STAGES: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "acute": (
        (0.03, 0.22, 0.40, 0.35),
        (0.15, 0.30, 0.35, 0.20),
        (0.40, 0.25, 0.20, 0.15),
        (0.75, 0.20, 0.05, 0.00),
        (0.35, 0.25, 0.20, 0.20),
        (0.35, 0.35, 0.20, 0.10),
    ),
    "subacute": (
        (0.05, 0.40, 0.40, 0.15),
        (0.35, 0.40, 0.20, 0.05),
        (0.45, 0.25, 0.20, 0.10),
        (0.50, 0.30, 0.15, 0.05),
        (0.65, 0.20, 0.10, 0.05),
        (0.20, 0.35, 0.30, 0.15),
    ),
    "chronic": (
        (0.15, 0.45, 0.30, 0.10),
        (0.60, 0.25, 0.10, 0.05),
        (0.40, 0.25, 0.20, 0.15),
        (0.05, 0.25, 0.35, 0.35),
        (0.85, 0.10, 0.05, 0.00),
        (0.15, 0.25, 0.30, 0.30),
    ),
}


def draw_spec(seed: int, size: tuple[int, int] = (384, 512)) -> SkinSpec:
    """Draw a plausible photo to render.

    Parameters
    ----------
    seed : int
        Source of all choices; the same seed gives the same spec.
    size : tuple[int, int]
        Height and width in pixels, 64-4096 each.

    Returns
    -------
    SkinSpec
        Tones and framings evenly drawn, areas log-uniform from 2 to 75 %, signs by stage of the disease, one in
        seven healthy.

    Raises
    ------
    RenderError
        The seed or the size is out of its range.
    """
    if seed < 0:
        raise RenderError(f"seed is {seed}; give 0 or more")
    rng = np.random.default_rng([seed, 0])
    tone = int(rng.integers(1, 11))
    framing = get_args(Framing)[int(rng.choice(3, p=(0.25, 0.25, 0.5)))]
    healthy = rng.random() < HEALTHY_SHARE
    stage = STAGES[str(rng.choice(list(STAGES)))]
    signs = tuple(int(rng.choice(4, p=shares)) for shares in stage)
    area = float(np.exp(rng.uniform(np.log(0.02), np.log(0.75))))
    if healthy or not any(signs):
        signs, area = (0,) * len(SIGN_NAMES), 0.0
    return SkinSpec(seed=seed, tone=tone, signs=signs, area=area, size=size, framing=framing)
