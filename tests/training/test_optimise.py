import pytest

from flexura.training.optimise import learning_rate


def test_schedule_rises_to_the_peak_and_falls_to_a_hundredth() -> None:
    rates = [learning_rate(step, steps=100, peak=1.0, warmup_fraction=0.1) for step in range(100)]
    assert rates[0] == pytest.approx(0.05 + 0.95 / 10)
    assert max(rates) == rates[9] == pytest.approx(1.0)
    assert rates[99] == pytest.approx(0.01)
    assert rates[:10] == sorted(rates[:10])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    # Half-way down: 0.01 + 0.99 / 2.
    assert rates[54] == pytest.approx(0.505)


def test_one_step_learns() -> None:
    assert learning_rate(0, steps=1, peak=0.3, warmup_fraction=0.08) == pytest.approx(0.3)
