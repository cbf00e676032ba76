"""Calls of several threads made as one: how many, how long one waits, and whose fault is whose."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from flexura.inference.gathering import Batching, Gathering

FOR_EVER = 3600.0


class Doubler:
    """Doubles numbers, notes what came together, and holds the first call until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(sorted(numbers))
        self.begun.set()
        assert self.go_on.wait(20)
        if 13 in numbers:
            raise ValueError("13")
        return [2 * number for number in numbers]


@pytest.fixture
def double() -> Doubler:
    made = Doubler()
    made.go_on.set()
    return made


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as opened:
        yield opened


def _results(asked: list[Future[int]]) -> list[int]:
    return [future.result(20) for future in asked]


def test_a_full_batch_goes_at_once_and_each_gets_its_own(double, pool):
    gathered = Gathering(double, Batching(3, FOR_EVER))
    assert list(pool.map(gathered, [1, 2, 3])) == [2, 4, 6]
    assert double.batches == [[1, 2, 3]]


def test_one_that_is_alone_waits_for_the_bound_and_no_longer(double):
    bound = 60.0
    times = iter([0.0, bound - 0.001, bound])  # it came; a moment before the bound; at the bound
    assert Gathering(double, Batching(8, bound), clock=lambda: next(times))(4) == 8
    assert (double.batches, list(times)) == ([[4]], [])


def test_without_a_bound_to_wait_for_one_that_is_alone_goes_at_once(double):
    times = iter([7.0, 7.0])
    assert Gathering(double, Batching(8, 0.0), clock=lambda: next(times))(4) == 8


def test_the_bound_is_that_of_the_oldest(double, pool):
    """The second comes when the first one's time is up, and has not waited itself: both go."""
    now = [0.0]
    gathered = Gathering(double, Batching(3, 10.0), clock=lambda: now[0])
    first = pool.submit(gathered, 1)
    while not gathered._waiting:
        pass
    now[0] = 10.0
    assert _results([first, pool.submit(gathered, 2)]) == [2, 4]
    assert double.batches == [[1, 2]]


def test_those_that_come_meanwhile_go_together_afterwards_and_no_more_than_the_most(double, pool):
    double.go_on.clear()
    gathered = Gathering(double, Batching(4, 0.0))
    asked = [pool.submit(gathered, 1)]
    assert double.begun.wait(20)
    asked += [pool.submit(gathered, number) for number in range(2, 8)]
    while len(gathered._waiting) < 6:
        pass
    double.go_on.set()
    assert sorted(_results(asked)) == [2, 4, 6, 8, 10, 12, 14]
    assert [len(batch) for batch in double.batches] == [1, 4, 2]
    assert sorted(number for batch in double.batches for number in batch) == [1, 2, 3, 4, 5, 6, 7]


def test_a_bad_one_fails_alone(double, pool):
    gathered = Gathering(double, Batching(3, FOR_EVER))
    good, bad, other = (pool.submit(gathered, number) for number in (1, 13, 2))
    assert _results([good, other]) == [2, 4]
    with pytest.raises(ValueError, match="13"):
        bad.result(20)
    assert (double.batches[0], sorted(double.batches[1:])) == ([1, 2, 13], [[1], [2], [13]])
    assert list(pool.map(gathered, [5, 6, 7])) == [10, 12, 14]  # the next batch goes


def test_what_a_thread_leaves_that_is_ended_another_makes(double, pool):
    def end_once(numbers: Sequence[int]) -> list[int]:
        answers = double(numbers)
        if len(double.batches) == 1:
            raise SystemExit
        return answers

    gathered = Gathering(end_once, Batching(3, 0.2))
    asked = [pool.submit(gathered, number) for number in (1, 2, 3)]
    (ended,) = (future for future in asked if isinstance(future.exception(20), SystemExit))
    assert sorted(_results([future for future in asked if future is not ended])) in ([2, 4], [2, 6], [4, 6])


def test_many_threads_each_get_their_own(double, pool):
    gathered = Gathering(double, Batching(4, 0.001))
    assert list(pool.map(gathered, range(20, 220))) == [2 * number for number in range(20, 220)]
    assert max(map(len, double.batches)) <= 4
