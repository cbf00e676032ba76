"""The list of photos that a person must look at before they leave, and what that person decided.

Both are JSON lines of ids, places and codes; neither holds what is in a photo. The list stays in the clinic.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flexura.errors import FileUnreadable, OutputUnwritable
from flexura.research.text import Box


@dataclass(frozen=True)
class Question:
    """A photo to look at: why (text_found, face_possible), and where text was found."""

    case: str
    photo: str
    reasons: tuple[str, ...]
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What a person decided of a photo: whether it may leave, with which boxes blackened; `by` is who decided."""

    photo: str
    release: bool
    mask: tuple[Box, ...]
    by: str


def write_questions(path: Path, questions: Iterable[Question]) -> None:
    """Write the list; each line can be completed to a decision with `release`, `mask` and `by`.

    Parameters
    ----------
    path : Path
        A new file.
    questions : Iterable[Question]
        What to look at.

    Raises
    ------
    OutputUnwritable
        When it cannot be written.
    """
    lines = (
        json.dumps(vars(question) | {"release": None, "mask": question.boxes, "by": None}) for question in questions
    )
    try:
        with path.open("x", encoding="utf-8") as file:  # never over what a person wrote into an earlier one
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise OutputUnwritable("The list of photos to look at cannot be written.") from error


def read_decisions(path: Path) -> dict[str, Decision]:
    """Read what was decided; lines whose `release` is still null decide nothing.

    Parameters
    ----------
    path : Path
        A list of `write_questions` that a person completed.

    Returns
    -------
    dict[str, Decision]
        By photo.

    Raises
    ------
    FileUnreadable
        When it cannot be read, a decision names nobody, or a box is none.
    """
    try:
        told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        decided = [_decision(line) for line in told if line["release"] is not None]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileUnreadable("The decisions cannot be read: each needs photo, release, mask and by.") from error
    return {decision.photo: decision for decision in decided}


def _decision(line: dict[str, object]) -> Decision:
    photo, release, by, mask = line["photo"], line["release"], line["by"], line["mask"]
    if not isinstance(photo, str) or not isinstance(release, bool) or not isinstance(by, str) or not by.strip():
        raise ValueError("no decision")
    assert isinstance(mask, list)
    boxes = tuple((int(left), int(top), int(wide), int(high)) for left, top, wide, high in mask)
    if any(wide < 1 or high < 1 for _, _, wide, high in boxes):
        raise ValueError("no box")
    return Decision(photo, release, boxes, by)
