"""The colours of judgments as they are painted."""

from __future__ import annotations

import pytest
from rich.style import Style

from zsr_tui.ui import themes
from zsr_tui.ui.parts.shades import contrast

from ..fake.engine import FakeEngine
from .app import CompareApp
from .screen import compare, finished


def styles(ranking, text: str) -> list[Style]:
    """Of the pieces that begin with it, in the rows that are seen."""
    strips = [ranking.render_line(y) for y in range(ranking.size.height)]
    return [each.style for strip in strips for each in strip if each.style and each.text.startswith(text)]


@pytest.mark.parametrize("theme", ["slate", "paper", "ansi-dark", "ansi-light"])
async def test_grades_are_readable_on_the_cursor_too_and_have_the_terminals_own_colours(theme: str) -> None:
    app = CompareApp(FakeEngine(), qid="42")
    themes.install(app, theme)
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        await pilot.press("alt+2")  # its first row has a grade, and the cursor
        grades, judged = (
            styles(compare(pilot).rankings.active_list, "●"),
            styles(compare(pilot).rankings.panes[2].ranking, "○"),
        )
        assert len(grades) > 1
        assert judged
        if theme.startswith("ansi"):
            numbers = {style.color.number for style in (*grades, *judged) if not style.reverse}
            assert numbers == ({6, 3} if theme == "ansi-dark" else {4, 1})  # cyan and yellow, blue and red
        else:
            assert len({style.bgcolor for style in grades}) > 1  # the cursor's, and that of other rows
            for style in (*grades, *judged):
                assert contrast(style.color.triplet, style.bgcolor.triplet) >= 4.5
