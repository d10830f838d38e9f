from __future__ import annotations

from zsr_tui.progress import Meter, Progress


def test_what_an_earlier_run_finished_counts_as_done_but_not_as_speed() -> None:
    now = [0.0]
    seen: list[Progress] = []
    meter = Meter(seen.append, "Encoding", 1000, "documents", start=500, clock=lambda: now[0])
    now[0] = 10.0
    meter.update(600)
    assert seen[0].done == 500
    assert seen[-1].rate == 10.0


def test_what_is_loaded_before_the_first_is_done_is_not_counted_again_for_every_other() -> None:
    now = [0.0]
    seen: list[Progress] = []
    meter = Meter(seen.append, "Evaluating", 50, "queries", clock=lambda: now[0])
    now[0] = 12.0  # the model was loaded, too
    meter.advance()
    assert seen[-1].seconds_left is None
    now[0] = 13.0
    meter.advance()
    assert seen[-1].seconds_left == 48.0
    assert seen[-1].numbers() == ["2 of 50 queries", "1.0 queries/s", "0:48 left"]  # whoever multiplies gets the same


def test_reports_are_few_but_the_last_always_comes() -> None:
    now = [0.0]
    seen: list[Progress] = []
    meter = Meter(seen.append, "Indexing", 10_000, "documents", clock=lambda: now[0])
    for _ in range(10_000):
        now[0] += 0.0001
        meter.advance()
    assert len(seen) <= 11
    assert seen[-1].done == 10_000


def test_what_is_done_is_told_at_once_where_the_next_step_may_take_long() -> None:
    now = [0.0]
    seen: list[Progress] = []
    meter = Meter(seen.append, "Variants", 20, "lists", clock=lambda: now[0])
    meter.advance(10)
    assert seen[-1].done == 0
    meter.tell()
    assert seen[-1].done == 10
