"""Symptom scores on one scale, with the published bands of severity.

POEM counts days of the last week (0-28), itch and sleep loss are numerical ratings (0-10). Sleep
loss has no published bands, so it gets none.
"""

from typing import Final

from flexura.clinical.schema import HIGHEST_ITCH, HIGHEST_POEM_ITEM, POEM_ITEMS
from flexura.clinical.vectors import Column, feature_vector
from flexura.records import FeatureVector, PatientContext

# Band and its highest score. Charman et al. 2013, doi 10.1111/bjd.12590.
POEM_BANDS: Final = (("clear_or_almost_clear", 2), ("mild", 7), ("moderate", 16), ("severe", 24), ("very_severe", 28))
# Band and the score that it stays below; 0 is none. Vakharia et al. 2018, Br J Dermatol 178:925, PMC5906166
# (0-3, 4-6, 7-10 in adults with atopic dermatitis); between whole points as Reich et al. 2012,
# doi 10.2340/00015555-1265 (below 4, below 7).
ITCH_BANDS: Final = (("mild", 4.0), ("moderate", 7.0))
ITCH_BAND_NAMES: Final = ("none", "mild", "moderate", "severe")
# In the order of the questionnaire: Charman et al. 2004, doi 10.1001/archderm.140.12.1513.
POEM_QUESTIONS: Final = ("itch", "sleep", "bleeding", "weeping", "cracking", "flaking", "dryness")


def poem_band(total: int) -> str:
    """Band of a POEM total.

    Parameters
    ----------
    total : int
        0 to 28.

    Returns
    -------
    str
        A name of `POEM_BANDS`.

    References
    ----------
    Charman et al. 2013, doi 10.1111/bjd.12590.

    Examples
    --------
    >>> poem_band(7), poem_band(8)
    ('mild', 'moderate')
    """
    return next(band for band, highest in POEM_BANDS if total <= highest)


def itch_band(itch: float) -> str:
    """Band of an itch rating.

    Parameters
    ----------
    itch : float
        0 to 10, numerical rating scale.

    Returns
    -------
    str
        A name of `ITCH_BAND_NAMES`.

    References
    ----------
    Vakharia et al. 2018, PMC5906166; Reich et al. 2012, doi 10.2340/00015555-1265.

    Examples
    --------
    >>> itch_band(0), itch_band(3.9), itch_band(4), itch_band(7)
    ('none', 'mild', 'moderate', 'severe')
    """
    if itch == 0:
        return "none"
    return next((band for band, bound in ITCH_BANDS if itch < bound), "severe")


def symptom_features(context: PatientContext) -> FeatureVector:
    """Scale the symptom scores to 0-1 and add their bands as ordinal steps.

    Parameters
    ----------
    context : PatientContext
        Checked.

    Returns
    -------
    FeatureVector
        Itch, sleep loss and POEM as a share of the highest score; band of itch 0-3 and of POEM 0-4;
        the subjective part of SCORAD (itch + sleep loss, 0-20); each POEM answer as a share of 4.

    References
    ----------
    European Task Force on Atopic Dermatitis 1993, doi 10.1159/000247298 (SCORAD, part C).
    """
    itch, sleep, poem = context.itch, context.sleep_loss, context.poem
    poem_bands = [band for band, _ in POEM_BANDS]
    return feature_vector(
        [
            ("itch", _share(itch, HIGHEST_ITCH), "share of 10 points"),
            ("itch_band", None if itch is None else ITCH_BAND_NAMES.index(itch_band(itch)), "0 none to 3 severe"),
            ("sleep_loss", _share(sleep, 10), "share of 10 points"),
            ("scorad_subjective", None if itch is None or sleep is None else itch + sleep, "points of 20"),
            ("poem", _share(poem, POEM_ITEMS * HIGHEST_POEM_ITEM), "share of 28 points"),
            ("poem_band", None if poem is None else poem_bands.index(poem_band(poem)), "0 clear to 4 very severe"),
            *_poem_columns(context.poem_items),
        ]
    )


def _poem_columns(items: tuple[int, ...] | None) -> list[Column]:
    answers = items or (None,) * POEM_ITEMS
    named = zip(POEM_QUESTIONS, answers, strict=True)
    return [(f"poem_{question}", _share(item, HIGHEST_POEM_ITEM), "share of 4 points") for question, item in named]


def _share(value: float | None, highest: float) -> float | None:
    return None if value is None else value / highest
