"""Two photos of a course side by side: at one scale where both are known, in one light as far as it was measured.

Only what is shown changes, by gains of linear light that the drawing applies; the stored files stay as they came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from flexura.errors import NotStored

# Scales that rest on something in the photo or its file; a body site's usual framing says nothing of one photo.
_MEASURED: Final = ("pixel_spacing", "ruler", "colour_card")
_CHANNELS: Final = ("red", "green", "blue")
_MOST_GAIN: Final = 2.0  # of brightness, and its inverse: more would show noise instead of skin
_WIDTH: Final = 100.0  # of each photo in the drawing, where it is not to scale
_GAP: Final = 0.02  # between them, as a share of both
BAR_MM: Final = 10


@dataclass(frozen=True)
class Shot:
    """One answered photo: which, of which day and site, and its answer's document."""

    answer: str
    case: str
    photo: str
    day: date
    site: str | None
    document: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Side:
    """One photo in the drawing: its place and size in units, and the gains of its linear red, green and blue."""

    shot: Shot
    x: float
    width: float
    height: float
    gains: tuple[float, float, float]


@dataclass(frozen=True)
class Pair:
    """Two photos in one drawing of `width` by `height` units, which are millimetres where `to_scale`.

    `colour_known` and `brightness_known` say whether both photos told the colour of their light and the lightness of
    their unaffected skin; where one did not, it is shown as taken in that respect.
    """

    left: Side
    right: Side
    width: float
    height: float
    to_scale: bool
    colour_known: bool
    brightness_known: bool


def choose(shots: Sequence[Shot], *, left: str | None, right: str | None) -> tuple[Shot, Shot] | None:
    """Choose two photos to compare.

    Parameters
    ----------
    shots : Sequence[Shot]
        Of one patient, in any order.
    left : str or None
        Id of an answer; by default the oldest photo of the site that was photographed over the longest time.
    right : str or None
        Likewise, the newest.

    Returns
    -------
    tuple[Shot, Shot] or None
        None where there are fewer than two photos.

    Raises
    ------
    NotStored
        When the patient has no answer of that id.
    """
    if len(shots) < 2:
        return None
    ordered = sorted(shots, key=lambda shot: shot.day)
    of_site: dict[str | None, list[Shot]] = {}
    for shot in ordered:
        of_site.setdefault(shot.site, []).append(shot)
    series = [row for site, row in of_site.items() if site is not None and len(row) > 1] or [ordered]
    longest = max(series, key=lambda row: row[-1].day - row[0].day)
    return _find(shots, left) or longest[0], _find(shots, right) or longest[-1]


def arrange(left: Shot, right: Shot, *, match_light: bool) -> Pair:
    """Place two photos in one drawing.

    Parameters
    ----------
    left : Shot
        The earlier one, say.
    right : Shot
        The other.
    match_light : bool
        Take out the colour of each light where it was measured, and bring unaffected skin to one brightness.

    Returns
    -------
    Pair
    """
    both = (left, right)
    scales = [_mm_per_pixel(shot) for shot in both]
    to_scale = all(scale is not None for scale in scales)
    sizes = [
        _size(shot, scale if to_scale and scale is not None else None) for shot, scale in zip(both, scales, strict=True)
    ]
    colours, light = [_colour_gains(shot) for shot in both], [_skin_luminance(shot) for shot in both]
    gains = [
        _gains(*each, light=light) if match_light else (1.0, 1.0, 1.0) for each in zip(colours, light, strict=True)
    ]
    gap = _GAP * sum(width for width, _ in sizes)
    xs = (0.0, sizes[0][0] + gap)
    first, second = (Side(shot, x, *size, gain) for shot, x, size, gain in zip(both, xs, sizes, gains, strict=True))
    return Pair(
        left=first,
        right=second,
        width=xs[1] + sizes[1][0],
        height=max(height for _, height in sizes),
        to_scale=to_scale,
        colour_known=all(colours),
        brightness_known=all(light),
    )


def _find(shots: Sequence[Shot], answer: str | None) -> Shot | None:
    if not answer:
        return None
    found = next((shot for shot in shots if shot.answer == answer), None)
    if found is None:
        raise NotStored("This patient has no answer of that id.")
    return found


def _step(shot: Shot, name: str) -> Mapping[str, Any]:
    steps = shot.document["assessment"]["preprocessing"]
    return next((step["parameters"] for step in steps if step["step"] == name), {})


def _mm_per_pixel(shot: Shot) -> float | None:
    scale = _step(shot, "scale")
    return scale["mm_per_pixel"] if scale.get("known_by") in _MEASURED else None


def _size(shot: Shot, mm_per_pixel: float | None) -> tuple[float, float]:
    photo = shot.document["assessment"]["photo"]
    unit = mm_per_pixel or _WIDTH / photo["width"]
    return photo["width"] * unit, photo["height"] * unit


def _colour_gains(shot: Shot) -> tuple[float, ...] | None:
    cast = _step(shot, "colour_cast")
    gains = [cast.get(f"gain_{channel}") for channel in _CHANNELS]
    return None if None in gains else tuple(float(gain) for gain in gains if gain is not None)


def _skin_luminance(shot: Shot) -> float | None:
    """Of unaffected skin, 0 to 1, from its lightness (CIE 15:2004; L* above 8)."""
    lightness = shot.document["assessment"]["features"].get("skin_lightness", {}).get("value")
    return None if lightness is None else float(((max(lightness, 8.0) + 16) / 116) ** 3)


def _gains(
    colour: tuple[float, ...] | None, luminance: float | None, *, light: Sequence[float | None]
) -> tuple[float, float, float]:
    """Both skins meet in the middle, on a logarithmic scale."""
    known = [value for value in light if value is not None]
    brightness = (known[0] * known[1]) ** 0.5 / luminance if luminance and len(known) == 2 else 1.0
    brightness = min(max(brightness, 1 / _MOST_GAIN), _MOST_GAIN)
    red, green, blue = colour or (1.0, 1.0, 1.0)
    return red * brightness, green * brightness, blue * brightness
