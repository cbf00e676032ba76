"""A millimetre ruler in the picture: where its edge runs, and how many pixels its ticks are apart.

A ruler is a straight line with ticks on one side, one a millimetre, of which every fifth or tenth is
longer. Brightness is read along the straight lines of the picture, shifted step by step to either side: a period
in neighbouring rows, and five or ten times that period further out, is a ruler. Skin, cloth and print
do not have both. Inches are not read. sRGB uint8 (H, W, 3) in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from flexura.preprocessing.step import check_pixels, scaled_px, shrunk
from flexura.records import BoolArray, FloatArray, UInt8Array

_LINE_SIDE_PX = 256  # lines are sought here, ticks at full size
_SHORTEST_LINE = 0.3  # of the longest side
_MOST_LINES = 4
_REACH_PX, _ROW_STEP_PX = 84, 2  # how far to either side ticks are sought, and in which steps
_FEWEST_TICKS = 15
_SHORTEST_PERIOD_PX = 3
_LIKENESS = 0.5  # autocorrelation at the period, at least
_DIP = 0.25  # and, before it, at most
_AGREEMENT = 0.05  # of the period, between rows and with the longer ticks
_FEWEST_ROWS, _FEWEST_LONG_ROWS = 3, 2  # neighbouring rows that must agree
_LONGER_TICKS_MM = (5, 10)
_BODY_STEP = 28  # levels by which the ruler's body may differ from the band of its ticks
_WIDEST_BODY = 0.4  # of the longest side
_TICKS_AND_DIGITS_MM = 12  # what is marked of a ruler whose body has the colour of its surroundings


@dataclass(frozen=True)
class Ruler:
    """A ruler's place and pitch.

    `start` and `end` of its edge as (x, y) in pixels; `side` the unit vector from the edge to the ticks.
    """

    pixels_per_mm: float
    start: tuple[float, float]
    end: tuple[float, float]
    side: tuple[float, float]

    @property
    def length_px(self) -> float:
        """Length of the edge."""
        return float(np.hypot(self.end[0] - self.start[0], self.end[1] - self.start[1]))


def find_ruler(pixels: UInt8Array) -> Ruler | None:
    """Find a metric ruler.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3); the ticks at least 3 px apart.

    Returns
    -------
    Ruler or None
        The longest one; `None` if no line of the picture has a metric ruler's ticks.

    Raises
    ------
    PreprocessingError
        The picture is none.
    """
    check_pixels(pixels)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    rulers = [ruler for line in _straight_lines(grey) for ruler in _read_across(grey, line)]
    return max(rulers, key=lambda ruler: ruler.length_px, default=None)


def ruler_mask(pixels: UInt8Array, ruler: Ruler) -> BoolArray:
    """Mark the body of a ruler: from its edge as far as its colour goes.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    ruler : Ruler
        From `find_ruler` on the same picture.

    Returns
    -------
    BoolArray
        (H, W).
    """
    start, end, side = (np.array(each, np.float32) for each in (ruler.start, ruler.end, ruler.side))
    furthest = round(_WIDEST_BODY * max(pixels.shape[:2]))
    offsets = np.arange(0, furthest, scaled_px(2, pixels), dtype=np.float32)
    rows = _rows(pixels, start, end, side=side, offsets=offsets)  # (rows, samples, 3)
    # The upper quartile looks past dark ticks and digits at the body between them.
    colours = np.percentile(rows, 75, axis=1)
    band = colours[offsets <= 4 * ruler.pixels_per_mm]
    differs = np.abs(colours - np.median(band, axis=0)).max(axis=1) > _BODY_STEP
    differs[offsets <= 4 * ruler.pixels_per_mm] = False
    width = float(offsets[int(np.argmax(differs))]) if differs.any() else _TICKS_AND_DIGITS_MM * ruler.pixels_per_mm
    before, behind = (
        _reach_beyond(
            pixels,
            *ends,
            band=np.asarray(np.median(band, axis=0), np.float32),
            to=np.asarray(side * width / 2, np.float32),
        )
        for ends in ((end, start), (start, end))
    )
    lip = side * scaled_px(2, pixels)
    corners = np.stack([before - lip, behind - lip, behind + side * width, before + side * width])
    mask = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.rint(corners).astype(np.int32), 1)
    return mask.astype(np.bool_)


def _reach_beyond(
    pixels: UInt8Array, start: FloatArray, end: FloatArray, *, band: FloatArray, to: FloatArray
) -> FloatArray:
    """Follow a ruler's edge past the end of the line that was seen, as long as its body goes on beside it."""
    step = scaled_px(2, pixels) * (end - start) / np.linalg.norm(end - start)
    height, width = pixels.shape[:2]
    while True:
        x, y = end + step + to
        strip = pixels[max(int(y) - 2, 0) : int(y) + 3, max(int(x) - 2, 0) : int(x) + 3]
        if (
            not (0 <= x < width and 0 <= y < height)
            or np.abs(np.percentile(strip, 75, axis=(0, 1)) - band).max() > _BODY_STEP
        ):
            return end
        end = end + step


def _straight_lines(grey: UInt8Array) -> list[tuple[FloatArray, FloatArray]]:
    """Ends (x, y) of the longest straight lines in full-size pixels, without near doubles."""
    small = shrunk(grey, _LINE_SIDE_PX)
    scale = max(grey.shape) / max(small.shape)
    shortest = _SHORTEST_LINE * max(small.shape)
    edges = cv2.Canny(cv2.GaussianBlur(small, (0, 0), 1.0), 40, 100)
    segments = cv2.HoughLinesP(edges, 1, np.pi / 180, 50, minLineLength=shortest, maxLineGap=6)
    if segments is None:
        return []
    ends = np.asarray(segments, np.float32).reshape(-1, 2, 2)
    ends = ends[np.argsort(-np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1), kind="stable")]
    kept: list[tuple[FloatArray, FloatArray]] = []
    for start, end in ends:
        if len(kept) < _MOST_LINES and not any(_same_line(line, start, end) for line in kept):
            kept.append((start, end))
    return [((start + 0.5) * scale - 0.5, (end + 0.5) * scale - 0.5) for start, end in kept]


def _same_line(line: tuple[FloatArray, FloatArray], start: FloatArray, end: FloatArray) -> bool:
    along = (line[1] - line[0]) / np.linalg.norm(line[1] - line[0])
    across = np.array((-along[1], along[0]))
    return bool(max(abs(float((point - line[0]) @ across)) for point in (start, end)) < 4)


def _read_across(grey: UInt8Array, line: tuple[FloatArray, FloatArray]) -> list[Ruler]:
    """Read the rows to both sides of a line; ticks grow longer to the one side or to the other."""
    start, end = line
    reach, step = scaled_px(_REACH_PX, grey), scaled_px(_ROW_STEP_PX, grey)
    offsets = np.arange(-reach, reach + 1, step, dtype=np.float32)
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array((-along[1], along[0]), np.float32)
    likeness = _autocorrelation(_rows(grey, start, end, side=across, offsets=offsets))
    found = []
    for side, ordered in ((across, likeness), (-across, likeness[::-1])):
        ticks = _ticks(ordered)
        if ticks is not None:
            first_row, period = ticks
            edge = [tuple(float(value) for value in point + side * offsets[first_row]) for point in (start, end)]
            found.append(
                Ruler(period, (edge[0][0], edge[0][1]), (edge[1][0], edge[1][1]), (float(side[0]), float(side[1])))
            )
    return found


def _rows(
    picture: UInt8Array, start: FloatArray, end: FloatArray, *, side: FloatArray, offsets: FloatArray
) -> FloatArray:
    """Read brightness or colour along a line and beside it, one sample a pixel: (offsets, samples, ...)."""
    length = float(np.linalg.norm(end - start))
    along = (end - start) / length
    steps = np.arange(int(length), dtype=np.float32)
    x = start[0] + along[0] * steps[None] + side[0] * offsets[:, None]
    y = start[1] + along[1] * steps[None] + side[1] * offsets[:, None]
    read = cv2.remap(
        picture, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(read, np.float32)


def _autocorrelation(rows: FloatArray) -> FloatArray:
    """Autocorrelation of each row at lags up to half its length, 1 at lag 0; broad changes of light are taken out."""
    count = rows.shape[1]
    flat = rows - cv2.blur(rows, (2 * (count // 12) + 1, 1), borderType=cv2.BORDER_REFLECT)
    spectrum = np.fft.rfft(flat, n=2 * count, axis=1)
    raw = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, : count // 2]
    overlap = 1 - np.arange(count // 2) / count
    quiet = 4.0 * count  # grey levels squared: rows without contrast are like nothing
    return np.asarray(raw / (np.maximum(raw[:, :1], quiet) * overlap), np.float32)


def _ticks(likeness: FloatArray) -> tuple[int, float] | None:
    """Find rows that repeat before rows that repeat five or ten times as slowly: the first, and pixels per mm."""
    repeats = (np.logical_or.accumulate(likeness < _DIP, axis=1) & (likeness > _LIKENESS)).any(axis=1)
    if np.count_nonzero(repeats) < _FEWEST_ROWS:
        return None
    periods = np.full(len(likeness), np.nan, np.float32)
    periods[repeats] = [_first_period(row) for row in likeness[repeats]]
    for first in _agreeing(periods, _FEWEST_ROWS):
        rows = slice(first, first + _FEWEST_ROWS)
        period = float(np.median(periods[rows]))
        multiples = periods[first:] / period
        longer = (_longest_run(np.abs(multiples / each - 1) < _AGREEMENT) for each in _LONGER_TICKS_MM)
        if max(longer) >= _FEWEST_LONG_ROWS and 2 * likeness.shape[1] >= _FEWEST_TICKS * period:
            return first, _refined(likeness[rows].mean(axis=0), period)
    return None


def _first_period(row: FloatArray) -> float:
    """The lag of the first strong repetition after a dip; NaN if there is none."""
    dips = np.flatnonzero(row < _DIP)
    if len(dips) == 0:
        return float("nan")
    after = row[dips[0] :]
    peaks = np.flatnonzero((after[1:-1] >= after[:-2]) & (after[1:-1] > after[2:]) & (after[1:-1] > _LIKENESS)) + 1
    if len(peaks) == 0 or peaks[0] + dips[0] < _SHORTEST_PERIOD_PX:
        return float("nan")
    return _vertex(row, int(peaks[0] + dips[0]))


def _agreeing(periods: FloatArray, rows: int) -> Sequence[int]:
    """Where so many neighbouring rows agree on a period."""
    return [
        first
        for first in range(len(periods) - rows + 1)
        if np.ptp(periods[first : first + rows]) < _AGREEMENT * periods[first]
    ]


def _longest_run(agrees: BoolArray) -> int:
    longest = current = 0
    for each in agrees:
        current = current + 1 if each else 0
        longest = max(longest, current)
    return longest


def _refined(row: FloatArray, period: float) -> float:
    """Sharpen a period by following its repetitions as far as they stay strong."""
    count = 1
    while (count + 1) * period < len(row) - 3:
        near = (count + 1) * period
        low, high = int(near - 0.3 * period), int(near + 0.3 * period) + 2
        peak = low + int(np.argmax(row[low:high]))
        if row[peak] < _LIKENESS or not 0 < peak < len(row) - 1:
            break
        count += 1
        period = _vertex(row, peak) / count
    return period


def _vertex(row: FloatArray, peak: int) -> float:
    """Lag of the parabola through a peak and its neighbours."""
    before, at, after = (float(row[peak + step]) for step in (-1, 0, 1))
    bend = before - 2 * at + after
    return peak + 0.5 * (before - after) / bend if bend < 0 else float(peak)
