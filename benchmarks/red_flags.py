"""How often the photo alone raises a red flag, rightly and wrongly, and how often it earns guidance.

    python benchmarks/red_flags.py DATA [--one-in 12]

DATA holds `photos.csv` and `photos/`. Only the photos of folds 0-3 that the shipped recipe keeps for calibration
(one patient in twelve), which trained nothing; nothing is told of any patient. Printed per disease: photos that show
it and reach the limit, and photos that do not show it and reach it too.
"""

import argparse
import csv
import hashlib
from pathlib import Path

from flexura.decision.guidance.withheld import CERTAIN_ENOUGH
from flexura.decision.red_flags.known import WORTH_A_LOOK
from flexura.decision.taxonomy import ECZEMA_GROUP, TAXONOMY
from flexura.errors import InputRefused
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.records import Assessment, PatientContext
from flexura.workflow import AssessedPhoto, assess_photo

TEST_FOLD = "4"
FLAGGED = ("herpes", "cellulitis", "growth", "mycosis_fungoides")
ECZEMAS = {label.code for label in TAXONOMY if label.group == ECZEMA_GROUP}


def kept(data: Path, one_in: int) -> list[tuple[Path, str]]:
    """Photos kept for calibration, with their codes."""
    with (data / "photos.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["fold"] != TEST_FOLD]
    hashes = [int(hashlib.sha256(row["group"].encode()).hexdigest(), 16) for row in rows]
    return [
        (data / "photos" / row["file"], row["code"]) for row, own in zip(rows, hashes, strict=True) if own % one_in == 0
    ]


def answers(photos: list[tuple[Path, str]]) -> list[tuple[str, Assessment]]:
    """The answers on those that pass the quality gate, without context."""
    predictor = Predictor(load_bundle(), threads=1)
    found = []
    for path, code in photos:
        try:
            outcome = assess_photo(path.read_bytes(), PatientContext(), predictor=predictor)
        except InputRefused:
            continue
        if isinstance(outcome, AssessedPhoto):
            found.append((code, outcome.assessment))
    return found


def probability(answer: Assessment, code: str) -> float:
    """Calibrated probability of a code."""
    return next(row.probability for row in answer.diagnosis.ranking if row.code == code)


def main() -> None:
    """Print one line per disease, and one for the guidance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--one-in", type=int, default=12)
    given = parser.parse_args()
    found = answers(kept(given.data, given.one_in))
    for disease in FLAGGED:
        reached = [code == disease for code, answer in found if probability(answer, disease) >= WORTH_A_LOOK]
        own = sum(code == disease for code, _ in found)
        wrongly, others = len(reached) - sum(reached), len(found) - own
        print(f"{disease}: {sum(reached)} of {own} that show it, {wrongly} of {others} others")
    flagged = sum(any(line.urgent for line in answer.recommendations) for _, answer in found)
    print(f"any red flag: {flagged} of {len(found)}")
    sure = [
        code
        for code, answer in found
        if answer.abstained is None
        and answer.diagnosis.ranking[0].code in ECZEMAS
        and answer.diagnosis.is_eczema.probability >= CERTAIN_ENOUGH
    ]
    rightly, eczemas = sum(code in ECZEMAS for code in sure), sum(code in ECZEMAS for code, _ in found)
    print(f"sure enough of eczema: {len(sure)} of {len(found)}, {rightly} of them rightly; {eczemas} show eczema")


if __name__ == "__main__":
    main()
