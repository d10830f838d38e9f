"""One line with two ends."""

from __future__ import annotations

from zsr_tui.ui.parts.bar import Bar


def test_a_long_right_end_leaves_the_first_of_the_left_in_sight() -> None:
    bar = Bar()
    bar.show([(" demo   ", "strong"), ("270 docs", "muted")], [("x" * 100, "strong")])
    (line,) = bar.lines_for(80)
    text = "".join(part for part, _ in line)
    assert text.startswith(" demo")
    assert text.endswith("x…")
    assert len(text) == 80
