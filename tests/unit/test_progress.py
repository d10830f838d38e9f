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
    assert seen[-1].seconds_left == 40.0


def test_reports_are_few_but_the_last_always_comes() -> None:
    now = [0.0]
    seen: list[Progress] = []
    meter = Meter(seen.append, "Indexing", 10_000, "documents", clock=lambda: now[0])
    for _ in range(10_000):
        now[0] += 0.0001
        meter.advance()
    assert len(seen) <= 11
    assert seen[-1].done == 10_000
