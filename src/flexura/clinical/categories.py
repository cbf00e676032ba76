"""Words of a context as columns of 0 and 1, each list with a column of its own for unknown.

Where `..._unknown` is 1, the other columns of that list are 0 and say nothing; where it is 0, they
say yes or no. So "no triggers" and "triggers not asked" never look alike.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from flexura.clinical import vocabulary
from flexura.clinical.sites import ZONES, zones_of
from flexura.clinical.vectors import Column, feature_vector
from flexura.records import FeatureVector, PatientContext, TriedTreatment

YES_NO: Final = "1 yes, 0 no or unknown"
UNKNOWN: Final = "unknown"

# Prefix of the columns, field of the context, words: one of them is told, or several.
_ONE_OF: Final = (
    ("sex", "sex", ("female", "male", "other")),
    ("course", "course", vocabulary.COURSES),
)
_ANY_OF: Final = (
    ("symptom", "symptoms", vocabulary.SYMPTOMS),
    ("texture", "textures", vocabulary.TEXTURES),
    ("trigger", "triggers", vocabulary.TRIGGERS),
    ("atopy_self", "atopy_self", vocabulary.ATOPIES),
    ("atopy_family", "atopy_family", vocabulary.ATOPIES),
)


def encode_word(prefix: str, word: str | None, *, words: Sequence[str]) -> list[Column]:
    """Columns of a list of which one word is told.

    Parameters
    ----------
    prefix : str
        First part of every column's name.
    word : str | None
        One of the words; `None` is unknown.
    words : sequence of str
        The list.

    Returns
    -------
    list of Column
        One per word and `<prefix>_unknown`; exactly one of them is 1.

    Examples
    --------
    >>> [(name, value) for name, value, _ in encode_word("sex", None, words=["female", "male"])]
    [('sex_female', 0.0), ('sex_male', 0.0), ('sex_unknown', 1.0)]
    """
    return encode_words(prefix, None if word is None else (word,), words=words)


def encode_words(prefix: str, told: Iterable[str] | None, *, words: Sequence[str]) -> list[Column]:
    """Columns of a list of which several words, or none, are told.

    Parameters
    ----------
    prefix : str
        First part of every column's name.
    told : iterable of str | None
        Words of the list; `None` is unknown, empty is known to be none.
    words : sequence of str
        The list.

    Returns
    -------
    list of Column
        One per word and `<prefix>_unknown`.
    """
    known = set(told or ())
    columns: list[Column] = [(f"{prefix}_{word}", float(word in known), YES_NO) for word in words]
    return [*columns, (f"{prefix}_{UNKNOWN}", float(told is None), "1 unknown, 0 known")]


def categorical_features(context: PatientContext) -> FeatureVector:
    """Encode all lists of words: person, symptoms, triggers, atopy, affected zones, treatments and responses.

    Parameters
    ----------
    context : PatientContext
        Checked.

    Returns
    -------
    FeatureVector
        Columns of 0 and 1, never NaN; the response of a class of treatments is the best one told.
    """
    columns: list[Column] = []
    for prefix, field, words in _ONE_OF:
        columns += encode_word(prefix, getattr(context, field), words=words)
    for prefix, field, words in _ANY_OF:
        columns += encode_words(prefix, getattr(context, field), words=words)
    columns += encode_words("affected", zones_of(context.sites), words=ZONES)
    return feature_vector([*columns, *_treatment_columns(context.treatments)])


def _treatment_columns(tried: Sequence[TriedTreatment] | None) -> list[Column]:
    names = None if tried is None else [one.treatment for one in tried]
    columns = encode_words("tried", names, words=vocabulary.TREATMENTS)
    for of_class in vocabulary.TREATMENT_CLASSES:
        responses = {one.response for one in tried or () if vocabulary.TREATMENT_CLASS[one.treatment] == of_class}
        best = max((one for one in responses if one is not None), key=vocabulary.RESPONSES.index, default=None)
        columns += encode_word(f"response_{of_class}", best, words=vocabulary.RESPONSES)
    return columns
