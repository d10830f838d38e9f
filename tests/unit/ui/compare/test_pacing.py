from __future__ import annotations

from zsr_tui.ui.compare.ranking.pacing import Pacer


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_is_held_comes_after_its_time_or_with_the_first_urgent_change() -> None:
    clock = Clock()
    pacer = Pacer(pause=0.1, clock=clock)
    pacer.hold({0, 1, 2}, 0.04)
    assert pacer.changed({2}) == set()
    assert pacer.changed({1}, urgent=True) == {1}
    clock.now = 0.03
    assert pacer.due() == set()
    assert round(pacer.wait() or 0, 3) == 0.01
    clock.now = 0.041
    assert pacer.due() == {0, 2}
    assert pacer.wait() is None
