import pytest

from flexura.errors import RecipeError
from flexura.training.recipe import StopConfig
from flexura.training.stop import EarlyStop


def _looks(values: list[float], direction: str, patience: int) -> tuple[EarlyStop, list[bool], int]:
    """The stop after it was due or all values were seen, which looks were the best so far, and how many were taken."""
    stop, better = EarlyStop(StopConfig("watch.auc", direction, patience)), []
    for value in values:
        better.append(stop.look({"watch": {"auc": value}}))
        if stop.is_due:
            break
    return stop, better, len(better)


def test_a_rising_figure_runs_on() -> None:
    # keras #15138: AUC .6, .7, .8 was stopped at patience 1, for "auc" was taken to be better when lower.
    stop, better, taken = _looks([0.6, 0.7, 0.8], "max", patience=1)
    assert (stop.best, better, taken, stop.is_due) == (0.8, [True, True, True], 3, False)


def test_it_ends_after_as_many_looks_without_a_better_one_as_told() -> None:
    stop, better, taken = _looks([0.6, 0.8, 0.7, 0.8, 0.9], "max", patience=2)
    assert (stop.best, better, taken, stop.is_due) == (0.8, [True, True, False, False], 4, True)


def test_lower_is_better_where_told() -> None:
    stop, better, _ = _looks([2.0, 1.0, 1.5], "min", patience=3)
    assert (stop.best, better, stop.waited) == (1.0, [True, True, False], 1)


def test_without_a_metric_it_never_ends() -> None:
    stop = EarlyStop(StopConfig())
    assert not any(stop.look({"watch": {"auc": 0.1}}) for _ in range(9))
    assert not stop.is_due


@pytest.mark.parametrize("figures", [{}, {"watch": {"top1": 0.3}}, {"watch": {"auc": None}}])
def test_a_metric_without_a_value_is_named_with_what_there_is(figures: dict[str, object]) -> None:
    stop = EarlyStop(StopConfig("watch.auc", "max"))
    with pytest.raises(RecipeError, match=r"'watch.auc' has no value"):
        stop.look(figures)
