"""Texture of the lesion and of own skin: a Gabor bank for scale and direction, local binary patterns for form.

Both are measured on luma relative to its surroundings, so that neither exposure nor slow shading counts.
Letters in shapes: H, W pixels; K wavelengths; O orientations.
"""

import cv2
import numpy as np
import numpy.typing as npt

from flexura.features.view import MIN_PIXELS, BoolArray, FeatureTable, SkinView, bounding_box, fill
from flexura.records import FeatureVector, FloatArray, UInt8Array

# An octave apart, from twice the sampling limit to a sixteenth of the photo; 30 degrees apart, half a passband.
WAVELENGTHS_PX = (4, 8, 16, 32)
ORIENTATIONS = 6
_BANDWIDTH_OCTAVES = 1.0
_SURROUND_PX = 65  # what counts as shading rather than texture: two of the longest wavelengths

Float64Array = npt.NDArray[np.float64]

# Circles an octave apart. Eight points on each: more would cost as much again for each eight, and the finer
# histograms (18 and 26 bins) are not filled by a small lesion.
LBP_RADII_PX = (1, 2, 4)
LBP_POINTS = 8
_STRIP_ROWS = 64  # so many rows of float64 stay in the processor's cache

TEXTURE: FeatureTable = {
    **{f"lesion_gabor_{wavelength}px": "% of brightness" for wavelength in WAVELENGTHS_PX},
    **{f"lesion_gabor_direction_{wavelength}px": "0-1" for wavelength in WAVELENGTHS_PX},
    **{f"delta_gabor_{wavelength}px": "octaves" for wavelength in WAVELENGTHS_PX},
    **{
        f"lesion_lbp_r{radius}_{label}": "share of lesion" for radius in LBP_RADII_PX for label in range(LBP_POINTS + 2)
    },
    **{f"lbp_divergence_r{radius}": "bits" for radius in LBP_RADII_PX},
}


def texture_features(view: SkinView) -> FeatureVector:
    """Measure the texture of the lesion, and how it differs from own skin.

    Parameters
    ----------
    view : SkinView

    Returns
    -------
    FeatureVector
        In the order of `TEXTURE`; NaN for a region under `MIN_PIXELS`.

    References
    ----------
    Manjunath & Ma 1996, doi:10.1109/34.531803 (energies of a Gabor bank as texture features);
    Lin 1991, doi:10.1109/18.61115 (Jensen-Shannon divergence of the pattern histograms).
    """
    values: dict[str, float] = {}
    if np.count_nonzero(view.lesion) >= MIN_PIXELS:
        has_skin = int(np.count_nonzero(view.own_skin)) >= MIN_PIXELS
        values |= _gabor_values(view, compare=has_skin)
        values |= _lbp_values(view, compare=has_skin)
    return fill(TEXTURE, values)


def relative_detail(grey: UInt8Array, mask: BoolArray) -> FloatArray:
    """Luma against its surroundings inside a mask: 0.1 is 10 % brighter; 0 outside.

    Parameters
    ----------
    grey : UInt8Array
        (H, W).
    mask : BoolArray
        (H, W); only pixels inside count as surroundings.

    Returns
    -------
    FloatArray
        (H, W), mean about 0.
    """
    weight = mask.astype(np.float32)
    inside = grey * weight
    around = _surround_mean(inside) / np.maximum(_surround_mean(weight), 1e-6)
    return np.asarray((inside / np.maximum(around, 1.0) - 1.0) * weight, np.float32)


def gabor_energies(signal: FloatArray) -> FloatArray:
    """Sum the squared magnitude of the response to each complex Gabor filter of the bank.

    By Parseval's theorem that is a sum over the spectrum; with a round envelope the passband is a product of one
    Gaussian in each direction, so no filter is ever laid over the picture.

    Parameters
    ----------
    signal : FloatArray
        (H, W); taken as 0 outside.

    Returns
    -------
    FloatArray
        (K, O): `WAVELENGTHS_PX` by directions 0, 30, … 150 degrees, the direction in which the wave runs, from the
        columns' axis towards the rows'.

    References
    ----------
    Daugman 1985, doi:10.1364/JOSAA.2.001160 (Gabor filter, octave bandwidth);
    Parseval's theorem: Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed. 2010, section 2.9.5.
    """
    height, width = (cv2.getOptimalDFTSize(side + WAVELENGTHS_PX[-1]) for side in signal.shape)
    padded = np.zeros((height, width), np.float32)
    padded[: signal.shape[0], : signal.shape[1]] = signal
    spectrum = cv2.dft(padded, flags=cv2.DFT_COMPLEX_OUTPUT)
    power = spectrum[..., 0] ** 2 + spectrum[..., 1] ** 2
    frequency = np.repeat(1.0 / np.array(WAVELENGTHS_PX), ORIENTATIONS)
    angle_rad = np.tile(np.arange(ORIENTATIONS) * np.pi / ORIENTATIONS, len(WAVELENGTHS_PX))
    rows = _squared_passband(height, frequency, centre=frequency * np.sin(angle_rad))
    columns = _squared_passband(width, frequency, centre=frequency * np.cos(angle_rad))
    energies = (rows * (power @ columns)).sum(axis=0) / (height * width)
    return np.asarray(energies.reshape(len(WAVELENGTHS_PX), ORIENTATIONS), np.float32)


def local_binary_patterns(grey: UInt8Array, points: int, radius: int) -> UInt8Array:
    """Label each pixel by how many points around it are at least as bright, if they lie together.

    Rotation-invariant and uniform: labels 0 to `points` for a single arc, `points` + 1 for anything else. Bit by
    bit what scikit-image gives, ties included, since the same float64 operations are done in the same order.

    Parameters
    ----------
    grey : UInt8Array
        (H, W); 0 outside.
    points : int
        Points on the circle.
    radius : int
        Of the circle in px.

    Returns
    -------
    UInt8Array
        (H, W).

    References
    ----------
    Ojala, Pietikäinen & Mäenpää 2002, doi:10.1109/TPAMI.2002.1017623.

    Examples
    --------
    >>> spot = np.zeros((3, 3), np.uint8)
    >>> spot[1, 1] = 9
    >>> int(local_binary_patterns(spot, 8, 1)[1, 1])  # nothing around a bright spot is as bright
    0
    """
    padded = np.pad(grey, radius).astype(np.float64)
    labels = np.empty(grey.shape, np.uint8)
    for top in range(0, grey.shape[0], _STRIP_ROWS):
        strip = labels[top : top + _STRIP_ROWS]
        rows = padded[top : top + len(strip) + 2 * radius]
        strip[:] = _label_strip(rows, first_row=top, points=points, radius=radius)
    return labels


def _surround_mean(image: FloatArray) -> FloatArray:
    return np.asarray(cv2.blur(image, (_SURROUND_PX, _SURROUND_PX), borderType=cv2.BORDER_CONSTANT), np.float32)


def _label_strip(padded: Float64Array, *, first_row: int, points: int, radius: int) -> UInt8Array:
    height, width = padded.shape[0] - 2 * radius, padded.shape[1] - 2 * radius
    centre = np.ascontiguousarray(padded[radius : radius + height, radius : radius + width])
    angles = 2 * np.pi * np.arange(points) / points
    # Five decimals: scikit-image's rounding, which makes the points on the axes exact.
    offsets = zip(np.round(-radius * np.sin(angles), 5), np.round(radius * np.cos(angles), 5), strict=True)
    across: dict[float, Float64Array] = {}  # points above one another share their columns
    brighter, changes = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    before = None
    for dy, dx in offsets:
        if dx not in across:
            across[dx] = _between(padded.T, dx, first=0, count=width, radius=radius).T
        point = _between(across[dx], dy, first=first_row, count=height, radius=radius)
        bit = (point >= centre).view(np.uint8)
        brighter += bit
        if before is not None:
            before ^= bit
            changes += before
        before = bit
    # An arc that crosses the starting point shows one change or two; counting the closing pair could add no third.
    return np.where(changes <= 2, brighter, np.uint8(points + 1))


def _between(lines: Float64Array, offset: float, *, first: int, count: int, radius: int) -> Float64Array:
    """Interpolate between lines: `count` of them at `offset`, starting from line `first` of the picture."""
    whole = int(np.floor(offset))
    lower = lines[radius + whole : radius + whole + count]
    if whole == offset:
        return lower
    position = np.arange(first, first + count) + offset  # its rounding depends on the line, as in scikit-image
    share = (position - np.floor(position))[:, None]
    mixed = (1 - share) * lower
    mixed += share * lines[radius + whole + 1 : radius + whole + 1 + count]
    return np.asarray(mixed)


def _squared_passband(size: int, frequency: Float64Array, *, centre: Float64Array) -> FloatArray:
    """Squared Gaussian passbands along one axis, (size, filters)."""
    octaves = 2.0**_BANDWIDTH_OCTAVES
    sigma_px = np.sqrt(np.log(2) / 2) / np.pi * (octaves + 1) / (octaves - 1) / frequency
    distance = np.fft.fftfreq(size)[:, None] - centre
    return np.asarray(np.exp(-((2 * np.pi * sigma_px * distance) ** 2)), np.float32)


def _region_energies(view: SkinView, mask: BoolArray) -> FloatArray:
    """Mean energy per pixel of a region, (K, O)."""
    box = bounding_box(mask)
    return gabor_energies(relative_detail(view.grey[box], mask[box])) / np.float32(np.count_nonzero(mask))


def _gabor_values(view: SkinView, *, compare: bool) -> dict[str, float]:
    energies = _region_energies(view, view.lesion)
    mean = energies.mean(axis=1)
    turn = np.exp(2j * np.pi * np.arange(ORIENTATIONS) / ORIENTATIONS)  # twice the angle: a wave has no front
    direction = np.abs(energies @ turn) / np.maximum(energies.sum(axis=1), 1e-12)
    skin_mean = _region_energies(view, view.own_skin).mean(axis=1) if compare else np.full_like(mean, np.nan)
    ratio = np.log2(np.maximum(mean, 1e-12) / np.maximum(skin_mean, 1e-12))
    values: dict[str, float] = {}
    for index, wavelength in enumerate(WAVELENGTHS_PX):
        values[f"lesion_gabor_{wavelength}px"] = 100 * float(np.sqrt(mean[index]))
        values[f"lesion_gabor_direction_{wavelength}px"] = float(direction[index])
        values[f"delta_gabor_{wavelength}px"] = float(ratio[index])
    return values


def _lbp_values(view: SkinView, *, compare: bool) -> dict[str, float]:
    values: dict[str, float] = {}
    box = bounding_box(view.skin, margin_px=LBP_RADII_PX[-1])
    grey, lesion, own_skin = view.grey[box], view.lesion[box], view.own_skin[box]
    for radius in LBP_RADII_PX:
        labels = local_binary_patterns(grey, LBP_POINTS, radius)
        shares = _label_shares(labels[lesion])
        values |= {f"lesion_lbp_r{radius}_{label}": float(share) for label, share in enumerate(shares)}
        if compare:
            values[f"lbp_divergence_r{radius}"] = jensen_shannon_bits(shares, _label_shares(labels[own_skin]))
    return values


def _label_shares(labels: UInt8Array) -> Float64Array:
    return np.bincount(labels, minlength=LBP_POINTS + 2) / len(labels)


def jensen_shannon_bits(one: Float64Array, other: Float64Array) -> float:
    """Jensen-Shannon divergence of two distributions, 0 (the same) to 1 bit (nothing in common)."""
    mixed = (one + other) / 2

    def entropy(shares: Float64Array) -> float:
        present = shares[shares > 0]
        return float(-(present * np.log2(present)).sum())

    return max(0.0, entropy(mixed) - (entropy(one) + entropy(other)) / 2)
