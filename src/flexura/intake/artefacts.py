"""What camera, compression and screens add to a picture: noise, a grid of blocks, a periodic pattern.

Pure measurement of grey uint8 (H, W); knows nothing of files.
"""

import functools
from functools import cache, lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from flexura.intake.focus import tile_means
from flexura.records import FloatArray, UInt8Array

# Immerkaer's mask: the difference of two Laplacians, blind to planes and straight edges of any slope.
_NOISE_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_FLATTEST_PERCENT = 10.0
_CLIPPED_LEVELS = (15.0, 240.0)  # noise is cut off near black and white: such tiles would look clean

SMALLEST_GRID_PX = 4.0  # a grid of smaller cells has been averaged out of sight, and so has its harm
_MOST_STEP = np.uint8(20)  # grey levels: a stronger step between neighbours is an edge of the scene, not of a block

_QUARTER_PX = 224
_POWER_FLOOR = 25.0  # grey levels squared, summed over the window; below is rounding
_LINE_FREE = 0.015  # cycles/px on either side of the axes: edges of the frame, and JPEG's own grid
_FREQUENCIES = (0.05, 0.47)  # cycles/px: below lies the scene, above the resampling
_PEAK_BINS, _AROUND_BINS = 3, 15

BoolArray = npt.NDArray[np.bool_]


def noise_level(grey: UInt8Array) -> float:
    """Estimate the standard deviation of noise where the picture is flattest.

    Immerkaer's estimate in tiles of 32 px, of which the 10th percentile counts: pores, hair and scales
    raise most tiles, noise raises all. A picture that is rough everywhere still reads high.

    Parameters
    ----------
    grey : UInt8Array
        (H, W), both sides at least 34 px.

    Returns
    -------
    float
        Grey levels, 0-255.

    References
    ----------
    Immerkaer 1996, Fast noise variance estimation, doi:10.1006/cviu.1996.0060.
    """
    levels_of_grey = grey.astype(np.float32)
    residue = np.abs(cv2.filter2D(levels_of_grey, -1, _NOISE_MASK))[1:-1, 1:-1]
    levels = tile_means(np.asarray(residue, np.float32)) * np.sqrt(np.pi / 2) / 6
    mean = tile_means(levels_of_grey[1:-1, 1:-1])
    whole = levels[(mean > _CLIPPED_LEVELS[0]) & (mean < _CLIPPED_LEVELS[1])]
    return float(np.percentile(whole if whole.size else levels, _FLATTEST_PERCENT))


def blockiness(grey: UInt8Array, grid_px: float) -> float:
    """Measure the steps between neighbours that repeat with a grid of blocks.

    JPEG codes blocks of 8 px each for itself; where it saves too much, their borders show. The mean
    step between neighbouring columns (and rows), less that of the columns beside, is a profile
    whose amplitude at the grid's frequency and its first harmonics is taken: the grid's phase does
    not matter, and a picture that was made smaller has a smaller grid.

    Parameters
    ----------
    grey : UInt8Array
        (H, W).
    grid_px : float
        Side of a block in these pixels, at least 4: 8 for a photo at its full size.

    Returns
    -------
    float
        Grey levels; 0 without a grid.

    References
    ----------
    Wang, Sheikh & Bovik 2002, No-reference perceptual quality assessment of JPEG compressed images,
    doi:10.1109/ICIP.2002.1038064; Wang, Bovik & Evans 2000, Blind measurement of blocking artifacts in
    images, ICIP (harmonics of the grid).
    """
    across = np.minimum(cv2.absdiff(grey[:, 1:], grey[:, :-1]), _MOST_STEP)
    down = np.minimum(cv2.absdiff(grey[1:], grey[:-1]), _MOST_STEP)
    profiles = (
        cv2.reduce(across, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel(),
        cv2.reduce(down, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel(),
    )
    return float(np.mean([_amplitude(np.asarray(profile, np.float32), grid_px) for profile in profiles]))


def periodicity(grey: UInt8Array) -> float:
    """Find the strongest peak that the spectra of all four quarters share: a photographed screen, or a print.

    The pixels of a screen, and the moire between them and those of the camera, are a wave that runs
    through the whole picture: a point in the spectrum, far above its surroundings, and the same
    point wherever one looks. A strap, woven cloth or finger ridges are periodic too, but in their own place.

    Parameters
    ----------
    grey : UInt8Array
        (H, W); what lies beyond 448 px does not count. Quarters of a smaller picture overlap.

    Returns
    -------
    float
        Height of the peak over its surroundings in the quarter where it is lowest, decades of power.

    References
    ----------
    Amidror 2009, The Theory of the Moire Phenomenon, doi:10.1007/978-1-84882-181-1 (chapter 2: superposed
    gratings as impulses of the spectrum).
    """
    whole = grey[: 2 * _QUARTER_PX, : 2 * _QUARTER_PX].astype(np.float32)
    tops, lefts = ((0, max(0, side - _QUARTER_PX)) for side in whole.shape)
    quarters = (whole[top : top + _QUARTER_PX, left : left + _QUARTER_PX] for top in tops for left in lefts)
    peaks = functools.reduce(np.minimum, (_peaks(quarter) for quarter in quarters))
    return float(peaks[_looked_at()].max())


def _peaks(quarter: FloatArray) -> FloatArray:
    """Decades of power over those around, at every frequency: rows -1/2 to 1/2 cycles per px, columns 0 to 1/2."""
    height, width = quarter.shape
    wave = np.zeros((_QUARTER_PX, _QUARTER_PX), np.float32)
    wave[:height, :width] = (quarter - quarter.mean()) * _window(height, width)
    spectrum = cv2.dft(wave, flags=cv2.DFT_COMPLEX_OUTPUT)[:, : _QUARTER_PX // 2 + 1]
    power = np.fft.fftshift(spectrum[..., 0] ** 2 + spectrum[..., 1] ** 2, axes=0)
    decades = cv2.log(power + np.float32(_POWER_FLOOR)) / np.float32(np.log(10))
    around = cv2.blur(decades, (_AROUND_BINS, _AROUND_BINS))
    return np.asarray(cv2.blur(decades, (_PEAK_BINS, _PEAK_BINS)) - around, np.float32)


def _amplitude(profile: FloatArray, grid_px: float) -> float:
    """Mean amplitude of a profile's peaks at the grid's frequency and its harmonics below half a cycle per px."""
    peaks = profile[1:-1] - (profile[:-2] + profile[2:]) / 2
    window = np.hanning(peaks.size)
    frequencies = np.array([harmonic / grid_px for harmonic in (1, 2, 3) if harmonic <= grid_px / 2])
    waves = np.exp(-2j * np.pi * np.outer(frequencies, np.arange(peaks.size)))
    return float(np.abs(waves @ (peaks * window)).mean() / window.sum())


@lru_cache(maxsize=16)
def _window(height: int, width: int) -> FloatArray:
    return np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)


@cache
def _looked_at() -> BoolArray:
    """Places of the spectrum where a peak counts: off the axes, neither the scene's nor the resampling's."""
    down = np.abs(np.fft.fftshift(np.fft.fftfreq(_QUARTER_PX)))[:, None]
    across = np.fft.rfftfreq(_QUARTER_PX)[None]
    radius = np.hypot(down, across)
    off_axes = (down > _LINE_FREE) & (across > _LINE_FREE)
    places: BoolArray = off_axes & (radius > _FREQUENCIES[0]) & (radius < _FREQUENCIES[1])
    return places
