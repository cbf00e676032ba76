"""Folds of groups: a patient lies in one fold, every diagnosis of a source is spread over all; hashes break ties."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

FOLDS = 5


def deal_folds(rows: Sequence[tuple[str, str]], *, folds: int = FOLDS) -> Mapping[str, int]:
    """Deal groups to folds.

    Parameters
    ----------
    rows : sequence of (str, str)
        Group and stratum (such as code and source) of each photo. A group counts for the stratum that most of its
        photos have.
    folds : int
        How many, 1 or more.

    Returns
    -------
    Mapping of str to int
        Fold 0 to `folds` - 1 of each group. Large groups are dealt first, equal ones in the order of their SHA-256,
        each to the fold that has the fewest photos of its stratum, then the fewest of all: the same rows give the
        same folds, in any order.

    Examples
    --------
    >>> sorted(deal_folds([("a", "acne"), ("b", "acne"), ("c", "acne"), ("c", "acne")], folds=2).values())
    [0, 1, 1]
    """
    sizes: Counter[str] = Counter(group for group, _ in rows)
    votes: dict[str, Counter[str]] = {}
    for group, stratum in sorted(rows):
        votes.setdefault(group, Counter())[stratum] += 1
    fold_of: dict[str, int] = {}
    of_stratum: Counter[tuple[str, int]] = Counter()
    of_all: Counter[int] = Counter()
    for group in sorted(sizes, key=lambda name: (-sizes[name], hashlib.sha256(name.encode()).digest())):
        stratum = votes[group].most_common(1)[0][0]
        fold = min(range(folds), key=lambda number: (of_stratum[stratum, number], of_all[number], number))
        fold_of[group] = fold
        of_stratum[stratum, fold] += sizes[group]
        of_all[fold] += sizes[group]
    return fold_of
