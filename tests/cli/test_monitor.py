"""`monitor` from the outside: results of batch in, text and JSON out, reviews, refusals."""

import json
from functools import partial

import numpy as np
import pytest


def lines(path, *, cases=60, sharpness=2.0, confidence=0.6, seed=0):
    generator = np.random.default_rng(seed)
    rows = []
    for number in range(cases):
        checks = [{"name": "sharpness", "value": float(generator.normal(sharpness, 0.3))}]
        answer = {"file": f"{number}.jpg", "schema": "flexura.assessment/1", "quality": {"checks": checks}}
        answer["diagnosis"] = {"ranking": [{"code": "atopic_dermatitis"}]}
        answer |= {"confidence": {"score": confidence}, "timings_ms": {"total": 100.0 + number}, "abstained": None}
        rows.append(json.dumps(answer))
    rows.append(json.dumps({"file": "x", "schema": "flexura.refusal/1", "reasons": [{"code": "too_dark"}]}))
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture
def monitor(run):
    return partial(run, "monitor")


def test_times_refusals_and_drift_are_said(monitor, tmp_path):
    before, now = lines(tmp_path / "a.jsonl"), lines(tmp_path / "b.jsonl", sharpness=1.0, seed=1)
    result = monitor(now, "--reference", before, "--window", 61)
    assert result.exit_code == 0
    assert "drift: quality.sharpness" in result.stdout
    assert "too_dark" in result.stdout
    assert "129.5 ms" in result.stdout
    assert "retraining: unknown" in result.stdout


def test_reviews_are_compared_and_retraining_is_due(monitor, tmp_path):
    now, reviews = lines(tmp_path / "b.jsonl"), tmp_path / "reviews.csv"
    said = [f"{number}.jpg,{'psoriasis' if number % 3 else 'atopic_dermatitis'},{number}" for number in range(50)]
    reviews.write_text("\n".join(["file,diagnosis,patient", *said]) + "\n")
    document = json.loads(monitor(now, "--reviews", reviews, "--json").stdout)
    assert document["schema"] == "flexura.monitoring/2"
    assert (document["agreement"]["reviewed"], document["agreement"]["answered"]) == (50, 60)
    assert document["agreement"]["first"]["estimate"] == pytest.approx(17 / 50)
    assert document["decision"]["because"] == ["agreement_low", "overconfident", "correction_repeats"]
    assert document["decision"]["verdict"] == "collect_reviews"
    text = monitor(now, "--reviews", reviews).stdout
    assert "corrected: atopic_dermatitis -> psoriasis" in text
    assert "MET      correction_repeats" in text
    assert "collect_reviews: a rule is met" in text


def test_windows_keep_their_verdicts_in_the_document(monitor, tmp_path):
    before, now = lines(tmp_path / "a.jsonl"), lines(tmp_path / "b.jsonl", cases=99, sharpness=1.0, seed=1)
    document = json.loads(monitor(now, "--reference", before, "--window", 50, "--json").stdout)
    assert [window["drifted"] for window in document["windows"]] == [["quality.sharpness"]] * 2
    assert (document["decision"]["because"], document["decision"]["verdict"]) == (["drift_lasts"], "look")


def test_reviews_without_results_are_wrong_usage(monitor, tmp_path):
    result = monitor("--reviews", tmp_path / "reviews.csv")
    assert (result.exit_code, "RESULTS" in result.stderr) == (2, True)


@pytest.mark.parametrize("content", ["", "no json", "[1]\n", '{"file": "x"}\n'])
def test_what_is_no_results_is_refused(monitor, tmp_path, content):
    path = tmp_path / "b.jsonl"
    path.write_text(content)
    result = monitor(path)
    assert result.exit_code != 0
    assert "flexura batch" in result.stderr


@pytest.mark.parametrize("content", ["photo\n1\n", "file,diagnosis\n1.jpg,dragon_pox\n"])
def test_reviews_that_cannot_be_read_are_refused_without_their_content(monitor, tmp_path, content):
    reviews = tmp_path / "reviews.csv"
    reviews.write_text(content)
    result = monitor(lines(tmp_path / "b.jsonl"), "--reviews", reviews)
    assert result.exit_code != 0
    assert "reviews" in result.stderr
    assert "dragon" not in result.stderr
