"""Left against right in words: one sentence for a pair, a line for each figure, and what it may mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flexura.decision.whole.sides import SideDifference, SidePair
from flexura.report.wording import plain

# Each measure, and what the side with more of it is.
_WORDS: Final = {
    "lesion_skin_share": ("affected share", "more affected"),
    "lesion_count": ("affected places", "affected in more places"),
    "delta_lightness": ("lightness", "darker"),
    "delta_a": ("redness", "redder"),
    "delta_erythema_index": ("erythema index", "higher in erythema index"),
    "delta_haemoglobin": ("haemoglobin", "richer in haemoglobin"),
    "delta_gabor_4px": ("fine grain", "scalier or rougher in fine grain"),
    "delta_gabor_16px": ("coarse grain", "rougher in coarse grain"),
}
_REASONS: Final = {
    "not_measured": "not measured on both photos",
    "coloured_light": "the light of a photo is coloured",
    "light_differs": "the photos are not in the same light",
    "scale_unknown": "the scale of both photos is not known",
    "scale_differs": "the photos are not to the same scale",
}
SIDES_NOTE: Final = (
    "Left minus right, by the first photo of each side, with 90 % ranges. All but the affected share and the places "
    "are contrasts to the own skin of the same photo, so that the light need not be quite the same. Both photos are "
    "taken to show the same stretch of skin. A side is named only beyond the error: for the share that of both areas, "
    "for all else what nine of ten pairs of photos of one patient stay within."
)


@dataclass(frozen=True)
class PairWords:
    """A pair in words; `rows` hold name, unit, difference, range and side of each figure."""

    sentence: str
    rows: tuple[tuple[str, str, str, str, str], ...]
    not_compared: str


def pair_words(pair: SidePair) -> PairWords:
    """Say how the two sides of a site differ.

    Parameters
    ----------
    pair : SidePair
        Of one visit.

    Returns
    -------
    PairWords
    """
    title = (
        f"Visit {pair.visit}, {plain(pair.site)}, left (photo {pair.photos[0]}) against right (photo {pair.photos[1]})"
    )
    known = [one for one in pair.differences if one.more != "unknown"]
    found = [f"{side} {_list(words)}" for side in ("left", "right") if (words := _more_of(known, side))]
    verdict = "; ".join(found) or ("no difference beyond the error of measurement" if known else "cannot be compared")
    return PairWords(f"{title}: {verdict}.", tuple(map(_row, known)), _not_compared(pair.differences))


def pair_lines(pair: SidePair) -> list[str]:
    """Say the same in lines of text.

    Parameters
    ----------
    pair : SidePair
        Of one visit.

    Returns
    -------
    list of str
        The sentence, then the figures and what was not compared, where there is any.
    """
    words = pair_words(pair)
    figures = "; ".join(f"{name} {difference} ({span}) {unit}" for name, unit, difference, span, _ in words.rows)
    return [words.sentence, *(line for line in (figures, words.not_compared) if line)]


def hint_words(pairs: Iterable[SidePair]) -> list[str]:
    """Say what the results may mean, each with its source.

    Parameters
    ----------
    pairs : iterable of SidePair
        Of one patient.

    Returns
    -------
    list of str
        Each once.
    """
    return list(dict.fromkeys(f"{hint.text} ({hint.source})" for pair in pairs for hint in pair.hints))


def _more_of(known: Iterable[SideDifference], side: str) -> list[str]:
    return [_WORDS[one.name][1] for one in known if one.more == side]


def _row(one: SideDifference) -> tuple[str, str, str, str, str]:
    assert one.difference is not None, "what is known has a difference"
    assert one.interval is not None, "what is known has an interval"
    name, more = _WORDS[one.name]
    low, high = one.interval
    places = 0 if one.name == "lesion_count" else 2 if one.name == "lesion_skin_share" else 1
    side = "no difference beyond the error" if one.more == "within_error" else f"{one.more} {more}"
    return name, one.unit, f"{one.difference:+.{places}f}", f"{low:+.{places}f} to {high:+.{places}f}", side


def _not_compared(differences: Iterable[SideDifference]) -> str:
    by_reason: dict[str, list[str]] = {}
    for one in differences:
        if one.reason is not None:
            by_reason.setdefault(one.reason, []).append(_WORDS[one.name][0])
    told = [f"{_list(names)}: {_REASONS[reason]}" for reason, names in by_reason.items()]
    return f"Not compared: {'; '.join(told)}." if told else ""


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
