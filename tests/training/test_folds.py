import random

from flexura.training.folds import deal_folds


def test_every_group_lies_in_one_fold_whatever_the_order_of_rows() -> None:
    rows = [(f"patient {number % 40}", ("acne", "psoriasis")[number % 40 % 2]) for number in range(100)]
    dealt = deal_folds(rows)
    assert set(dealt) == {group for group, _ in rows}
    assert set(dealt.values()) == set(range(5))
    shuffled = random.Random(0).sample(rows, len(rows))
    assert deal_folds(shuffled) == dealt


def test_folds_hold_alike_many_photos_of_each_stratum() -> None:
    rows = [(f"{stratum} {number}", stratum) for stratum in ("a", "b") for number in range(23)]
    dealt = deal_folds(rows)
    for stratum in ("a", "b"):
        counts = [sum(dealt[f"{stratum} {number}"] == fold for number in range(23)) for fold in range(5)]
        assert sorted(counts) == [4, 4, 5, 5, 5]


def test_a_large_patient_is_balanced_by_the_others() -> None:
    rows = [("large", "a")] * 8 + [(str(number), "a") for number in range(8)]
    dealt = deal_folds(rows, folds=2)
    alone = dealt["large"]
    assert all(dealt[str(number)] != alone for number in range(8))
