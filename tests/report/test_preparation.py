"""What each step found, in words a clinician can read, by hand."""

import math

import pytest

from flexura.records import PREPARATION_STEPS, LesionSize, PreprocessingStep
from flexura.report.preparation import off_by, size_words, step_words

KINDS = ("dark_hair", "light_hair", "highlights", "ink", "stamps", "ruler", "colour_card")
NO_ARTEFACTS = dict.fromkeys(KINDS, 0.0)
SCALE = {"mm_per_pixel": 0.4012, "uncertainty": 0.6, "known_by": "site_prior", "spacing_refused": None, "reason": None}
LIGHT = {"light_red": 1.0, "light_green": 1.05, "light_blue": 0.9, "outcome": "measure", "reason": None}
HAIRY = NO_ARTEFACTS | {"outcome": "mark", "dark_hair": 0.02, "ruler": 0.1, "touched": 0.12, "touched_of_skin": 0.0314}


@pytest.mark.parametrize(
    ("step", "parameters", "words"),
    [
        ("scale", SCALE, "from the body site, 0.40 mm per pixel, could be off by a factor of 2.7"),
        (
            "scale",
            SCALE | {"known_by": "ruler", "uncertainty": 0.05, "mm_per_pixel": 0.0512},
            "from a ruler in the picture, 0.051 mm per pixel, within 9 %",
        ),
        (
            "scale",
            SCALE | {"spacing_refused": "not_square"},
            "from the body site, 0.40 mm per pixel, could be off by a factor of 2.7; the file's pixel spacing differs "
            "between rows and columns and was not used",
        ),
        (
            "scale",
            SCALE | {"known_by": "colour_card", "uncertainty": 0.05, "mm_per_pixel": 0.0512, "card_found": True},
            "from a colour card in the picture, 0.051 mm per pixel, within 9 %",
        ),
        (
            "scale",
            SCALE | {"card_found": True},
            "from the body site, 0.40 mm per pixel, could be off by a factor of 2.7; a colour card is in the picture, "
            "but its size was not told",
        ),
        (
            "scale",
            {"reason": "no_source", "card_found": True},
            "unknown: no pixel spacing in the file, no ruler in the picture, no body site told; a colour card is in "
            "the picture, but its size was not told",
        ),
        ("scale", {"reason": "too_narrow"}, "unknown: the photo is too narrow to measure anything on it"),
        ("artefacts", HAIRY, "dark hair, a ruler, on 3.1 % of the skin; left in the picture"),
        (
            "artefacts",
            HAIRY | {"outcome": "fill", "touched_of_skin": 0.0002},
            "dark hair, a ruler, on under 0.1 % of the skin; filled in before the model looked",
        ),
        ("artefacts", NO_ARTEFACTS | {"outcome": "mark"}, "no hair, glints, ink, text, ruler or card found"),
        ("colour_cast", LIGHT, "what is grey beside the skin has 17 % more green than blue; left as it is"),
        ("colour_cast", LIGHT | {"light_green": 1.0, "light_blue": 0.99}, "no cast found beside the skin"),
        (
            "colour_cast",
            LIGHT | {"known_by": "colour_card"},
            "the colour card's grey has 17 % more green than blue; left as it is",
        ),
        (
            "colour_cast",
            LIGHT | {"known_by": "colour_card", "light_green": 1.0, "light_blue": 0.99},
            "no cast found on the colour card",
        ),
        (
            "artefacts",
            {**HAIRY, "dark_hair": 0, "ruler": 0, "colour_card": 0.1},
            "a colour card, on 3.1 % of the skin; left in the picture",
        ),
        (
            "illumination",
            {"unevenness": 2.04, "outcome": "correct", "reason": None},
            "brightness across the skin varies 2.0-fold, by light, shape and skin together; evened out before the model"
            " looked",
        ),
        (
            "background",
            {"method": "network", "outside": "grey", "skin_share": 0.86},
            "86 % of the picture, found by the model's map; the rest was greyed before the model looked",
        ),
        ("squeeze", {"side_px": 256}, "side px 256"),
    ],
)
def test_a_record_becomes_words(step, parameters, words):
    assert step_words(PreprocessingStep(step, parameters))[1] == words


@pytest.mark.parametrize("step", PREPARATION_STEPS)
def test_every_step_has_a_heading_and_words_for_what_is_unknown(step):
    heading, words = step_words(PreprocessingStep(step, {"reason": "too_narrow"}))
    assert heading[0].isupper()
    assert words.startswith("unknown: the photo is too narrow")


def test_a_factor_holds_nine_tenths():
    assert off_by(0.6) == pytest.approx(math.exp(1.6449 * 0.6), rel=1e-4)
    assert off_by(0) == 1


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [(89.3, 13.2, 771.0, "89 cm² (13 to 770)"), (0.512, 0.0, 1.25, "0.51 cm² (0 to 1.2)")],
)
def test_a_size_has_two_figures_its_range_and_its_source(value, low, high, words):
    size = LesionSize(value, (low, high), "site_prior")
    assert size_words(size) == f"{words}, scale from the body site"
