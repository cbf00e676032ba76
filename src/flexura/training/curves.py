"""Two pictures of an evaluation as SVG: how far probabilities are true, and errors where only the surest are answered.

Readable in black and white: lines differ by their dashes, and each is named beside the picture.
"""

from collections.abc import Mapping, Sequence
from html import escape

from flexura.decision.calibration import Array
from flexura.monitoring.selective import ReliabilityBin

_SIDE, _LEFT, _TOP, _WIDTH, _HEIGHT = 360, 70, 46, 760, 470  # px
_DASHES = ("", "9 4", "3 3", "12 4 3 4", "1 4")


def draw_reliability(bins: Sequence[ReliabilityBin], *, title: str) -> str:
    """Draw confidence against accuracy.

    Parameters
    ----------
    bins : sequence of ReliabilityBin
        From `monitoring.selective.reliability`.
    title : str
        Above the picture.

    Returns
    -------
    str
        SVG; circles as large as their number of cases, and the diagonal on which said probabilities are true.
    """
    largest = max(each.cases for each in bins)
    dots = [_dot(each, radius=3 + 11 * (each.cases / largest) ** 0.5) for each in bins]
    counts = [_label(_x(each.confidence), _y(each.accuracy) + 4, str(each.cases), anchor="middle") for each in bins]
    diagonal = _line([(0.0, 0.0), (1.0, 1.0)], _DASHES[2])
    legend = _legend([("as said, so true", _DASHES[2])])
    axes = ("probability of the first diagnosis", "share that was right")
    return _picture(title, axes, [diagonal, *dots, *counts, *legend])


def draw_risk_coverage(curves: Mapping[str, Array], *, title: str) -> str:
    """Draw errors where only the surest are answered.

    Parameters
    ----------
    curves : mapping of str to array (N,)
        Name of the ranking, and its `monitoring.selective.risk_coverage`; at most five.
    title : str
        Above the picture.

    Returns
    -------
    str
        SVG, with a mark at 80 % answered.
    """
    dashes = dict(zip(curves, _DASHES, strict=False))
    lines = [
        _line([((number + 1) / len(errors), float(error)) for number, error in enumerate(errors)], dashes[name])
        for name, errors in curves.items()
    ]
    mark = f'<path d="M{_x(0.8):.1f} {_y(0):.1f}V{_y(1):.1f}" stroke="#999" fill="none"/>'
    axes = ("share of photos answered, surest first", "share of wrong first diagnoses")
    return _picture(title, axes, [mark, *lines, *_legend(list(dashes.items()))])


def _dot(each: ReliabilityBin, *, radius: float) -> str:
    told = f"{each.cases} photos: said {each.confidence:.2f}, right {each.accuracy:.2f}"
    place = f'cx="{_x(each.confidence):.1f}" cy="{_y(each.accuracy):.1f}" r="{radius:.1f}"'
    return f'<circle {place} fill="#bbb" stroke="#000"><title>{told}</title></circle>'


def _picture(title: str, axes: tuple[str, str], parts: Sequence[str]) -> str:
    ticks = [
        part
        for tenths in range(0, 11, 2)
        for part in (
            _label(_x(tenths / 10), _y(0) + 18, f"{tenths / 10:g}", anchor="middle"),
            _label(_x(0) - 8, _y(tenths / 10) + 4, f"{tenths / 10:g}", anchor="end"),
        )
    ]
    middle = _y(0.5)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
            'font-family="sans-serif" font-size="13">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
            f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#000"/>',
            f'<text x="{_LEFT}" y="28" font-size="16">{escape(title)}</text>',
            *ticks,
            _label(_x(0.5), _y(0) + 42, axes[0], anchor="middle"),
            f'<text transform="translate(24 {middle:.1f}) rotate(-90)" text-anchor="middle">{escape(axes[1])}</text>',
            *parts,
            "</svg>",
            "",
        )
    )


def _legend(rows: Sequence[tuple[str, str]]) -> list[str]:
    left = _LEFT + _SIDE + 24
    return [
        part
        for number, (name, dashes) in enumerate(rows)
        for part in (
            f'<path d="M{left} {_TOP + 20 + 24 * number}h44" stroke="#000" stroke-width="2" fill="none" '
            f'stroke-dasharray="{dashes}"/>',
            _label(left + 54, _TOP + 24 + 24 * number, name),
        )
    ]


def _line(points: Sequence[tuple[float, float]], dashes: str) -> str:
    drawn = " ".join(f"{_x(across):.1f},{_y(up):.1f}" for across, up in points)
    return f'<polyline points="{drawn}" fill="none" stroke="#000" stroke-width="2" stroke-dasharray="{dashes}"/>'


def _label(left: float, top: float, words: str, *, anchor: str = "start") -> str:
    return f'<text x="{left:.1f}" y="{top:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)
