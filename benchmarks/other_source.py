"""What another source costs a linear classifier on the teacher's features, which no label of these photos shaped.

    python benchmarks/other_source.py DATA TEACHER

DATA holds `photos.csv`; TEACHER is the file of `scripts/teacher`. Photos of folds 0-3 only. For each of the two
atlases: trained on folds 0-2 and tested on its photos of fold 3, and trained on every other source and
tested on all its photos; codes that both atlases hold. Settings were not tuned.
"""

import argparse
import csv
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from flexura.decision.taxonomy import ECZEMA_GROUP, TAXONOMY
from flexura.monitoring import metrics

ATLASES: Final = ("fitzpatrick17k", "sd198")
ECZEMAS: Final = {row.code for row in TAXONOMY if row.group == ECZEMA_GROUP}
TEST_FOLD: Final = "4"


class Photos:
    """Features (N, E) with code, source and fold of each photo of folds 0-3."""

    def __init__(self, data: Path, teacher: Path) -> None:
        with (data / "photos.csv").open(newline="", encoding="utf-8") as file:
            rows = {row["file"]: row for row in csv.DictReader(file) if row["fold"] != TEST_FOLD}
        kept = np.load(teacher)
        chosen = [(str(name), place) for place, name in enumerate(kept["files"]) if str(name) in rows]
        self.features = kept["features"][[place for _, place in chosen]]
        self.code, self.source, self.fold = (
            np.array([rows[name][column] for name, _ in chosen]) for column in ("code", "source", "fold")
        )

    def judge(self, training: Any, tested: Any, shared: set[str]) -> str:
        """Fit on some photos and say top-1, top-3 and the AUC of eczema on others, among the shared codes."""
        fitted = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=400, class_weight="balanced"))
        fitted.fit(self.features[training], self.code[training])
        codes = list(fitted.classes_)
        columns = [codes.index(code) for code in sorted(shared)]
        said = fitted.predict_proba(self.features[tested])[:, columns]
        said /= said.sum(1, keepdims=True)
        names = sorted(shared)
        truth = np.array([names.index(code) for code in self.code[tested]])
        eczema = np.isin(names, list(ECZEMAS))
        top1, top3 = (metrics.top_k_accuracy(said, truth, k=k) for k in (1, 3))
        auc = metrics.roc_auc(said[:, eczema].sum(1), eczema[truth])
        return f"{top1:.2f} / {top3:.2f} / {auc:.2f} ({len(truth)} photos, {eczema[truth].sum()} of eczema)"


def main() -> None:
    """Print two lines per atlas."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("teacher", type=Path)
    given = parser.parse_args()
    photos = Photos(given.data, given.teacher)
    held = {atlas: set(photos.code[photos.source == atlas]) for atlas in ATLASES}
    shared = held[ATLASES[0]] & held[ATLASES[1]]
    for atlas in ATLASES:
        own = (photos.source == atlas) & np.isin(photos.code, list(shared))
        last = photos.fold == "3"
        print(f"{atlas}, with its photos:    {photos.judge(~last, own & last, shared)}")
        print(f"{atlas}, without its photos: {photos.judge(photos.source != atlas, own, shared)}")


if __name__ == "__main__":
    main()
