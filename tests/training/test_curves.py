"""The pictures of an evaluation: well-formed, everything drawn in its place, named, and told apart without colour."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from flexura.monitoring.selective import ReliabilityBin
from flexura.training.curves import draw_reliability, draw_risk_coverage

SVG = "{http://www.w3.org/2000/svg}"


def test_every_bin_is_a_circle_on_its_place_with_its_number() -> None:
    bins = (ReliabilityBin(4, 0.25, 0.5), ReliabilityBin(16, 0.75, 1.0))
    root = ElementTree.fromstring(draw_reliability(bins, title="a < b"))
    circles = list(root.iter(f"{SVG}circle"))
    frame = list(root.iter(f"{SVG}rect"))[1].attrib
    side, left, top = (float(frame[name]) for name in ("width", "x", "y"))
    assert [(float(each.attrib["cx"]) - left) / side for each in circles] == pytest.approx([0.25, 0.75])
    assert [1 - (float(each.attrib["cy"]) - top) / side for each in circles] == pytest.approx([0.5, 1.0])
    assert float(circles[1].attrib["r"]) > float(circles[0].attrib["r"])
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert {"a < b", "4", "16", "as said, so true"} <= set(words)


def test_every_ranking_is_a_line_of_its_own_dashes_with_its_name() -> None:
    curves = {"probability": np.array([0.0, 0.5]), "entropy": np.array([0.5, 0.5]), "distance": np.array([1.0, 0.5])}
    text = draw_risk_coverage(curves, title="t")
    root = ElementTree.fromstring(text)
    lines = [line.attrib for line in root.iter(f"{SVG}polyline")]
    assert len({line["stroke-dasharray"] for line in lines}) == len(lines) == len(curves)
    legend = [path.attrib["stroke-dasharray"] for path in root.iter(f"{SVG}path") if "stroke-dasharray" in path.attrib]
    assert legend == [line["stroke-dasharray"] for line in lines]
    assert set(curves) <= {label.text for label in root.iter(f"{SVG}text")}
    assert set(re.findall("#[0-9a-f]+", text)) <= {"#000", "#fff", "#999"}
    # Half answered without error, all answered with half of them wrong.
    first, last = (tuple(map(float, point.split(","))) for point in lines[0]["points"].split())
    assert last[0] - first[0] == pytest.approx(180)
    assert first[1] - last[1] == pytest.approx(180)
