from __future__ import annotations

from pathlib import Path

import pytest

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue.budget import Budget


def _calibrate(budget: Budget, rate: dict[int, float]) -> None:
    """Batches that fill the budget, at the rates that the device has for them (the rest at that of the largest)."""
    for _ in range(100):
        tokens = budget.tokens
        if budget.ran(tokens, tokens / rate.get(tokens, rate[max(rate)]), tokens * 1e6):
            return


@pytest.mark.parametrize(
    ("rate", "found"),
    [
        # larger is faster, to a point
        pytest.param({512: 1e5, 1024: 2e5, 2048: 3e5, 4096: 4e5, 8192: 5e5, 16384: 5e5}, 8192, id="larger is faster"),
        # it falls out of the processor's cache
        pytest.param({512: 4e5, 1024: 5e5, 2048: 4e5, 4096: 2e5}, 1024, id="falls out of the cache"),
        # all the same: the one that others wait least for
        pytest.param({512: 4e5, 1024: 4e5, 2048: 4e5, 4096: 4e5}, 512, id="all the same"),
        # a larger one would hold others up
        pytest.param({512: 900.0, 1024: 1000.0, 2048: 1100.0, 4096: 9999.0}, 2048, id="would hold others up"),
    ],
)
def test_the_batch_size_is_found_on_the_batches_that_run(rate: dict[int, float], found: int) -> None:
    budget = Budget(2048)
    _calibrate(budget, rate)
    assert (budget.tokens, budget.settled) == (found, True)


def test_a_batch_that_runs_in_parts_is_never_so_small_that_a_part_is_idle() -> None:
    budget = Budget(2048)
    budget.smallest = 1024
    _calibrate(budget, {512: 9e5, 1024: 5e5, 2048: 4e5, 4096: 2e5})
    assert (budget.tokens, budget.settled) == (1024, True)


def test_small_batches_say_nothing_about_the_size() -> None:
    budget = Budget(2048)
    for _ in range(50):
        assert not budget.ran(300, 0.001, 300)
    assert (budget.tokens, budget.settled) == (2048, False)


def test_a_batch_that_took_no_time_by_the_clock_says_nothing() -> None:
    budget = Budget(2048)
    for _ in range(50):
        assert not budget.ran(2048, 0.0, 2048)
    assert (budget.tokens, budget.settled) == (2048, False)


def test_the_largest_size_that_fits_is_tried_too() -> None:
    budget = Budget(2048, bound=4096)
    _calibrate(budget, {2048: 1e5, 4096: 2e5})
    assert (budget.tokens, budget.settled) == (4096, True)


def test_a_size_that_was_tried_on_long_inputs_is_not_taken_for_a_slow_one() -> None:
    """The longest come first: an input of twice the length takes more than twice the time, whatever the batch."""
    rate, work_per_token = {512: 0.7, 1024: 0.8, 2048: 1.0}, iter([1.5] * 12 + [1.2] * 12 + [1.0] * 50)
    budget = Budget(2048, bound=2048)
    for work in work_per_token:
        tokens = budget.tokens
        if budget.ran(tokens, tokens * work / rate[tokens], tokens * work):
            break
    assert (budget.tokens, budget.settled) == (2048, True)


def test_a_size_that_did_not_fit_is_not_tried_again() -> None:
    budget = Budget(2048)
    budget.shrink(1500)
    _calibrate(budget, {512: 1e5, 1024: 2e5, 2048: 3e5, 4096: 4e5})
    assert budget.tokens <= 1500


def test_what_was_found_is_remembered_by_model_and_device(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    device = Device("cuda:0", 10**9, 16384, "A100")
    Budget(4096, bound=9000, settled=True).remember("model", device)
    again = Budget.of("model", Device("cuda:1", 10**9, 16384, "A100"))
    assert (again.tokens, again.bound, again.settled) == (4096, 9000, True)
    assert Budget.of("other", device).tokens == 16384
    assert Budget.of("model", Device("cpu", 10**9, 2048)).tokens == 2048
    (tmp_path / "cache" / "batch-sizes.json").write_text("{broken")
    assert Budget.of("model", device).tokens == 16384


def test_a_batch_on_a_gpu_is_long_enough_for_what_the_host_does_beside_it() -> None:
    """Equally fast at every size, but for one batch of each that something else held up."""
    budget = Budget(16384, longest_s=0.03, shortest_s=0.005)
    for batch in range(200):
        tokens = budget.tokens
        held_up = 0.02 if batch % 8 == 3 else 0.0
        if budget.ran(tokens, tokens * 2e-7 + held_up, tokens):
            break
    assert (budget.tokens, budget.settled) == (32768, True)
