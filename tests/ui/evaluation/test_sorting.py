"""A click on a column's name sorts the rows; what keys do is still about the row under the cursor."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tests.ui.reading import text_of
from zsr_tui.ui.parts.ordering import ordered

from ..fake.evaluations import EvaluationEngine, view
from .screen import app_with, opened


def systems(pilot: Pilot[None]) -> list[str]:
    """The systems' numbers, from the top."""
    grid = pilot.app.screen.table.grid
    lines = [grid.render_line(y).text for y in range(2, grid.size.height)]
    return [line[2:].split()[0] for line in lines if line[2:].strip()]


async def test_a_click_sorts_turns_and_takes_back_and_the_cursor_keeps_its_system() -> None:
    engine = EvaluationEngine()
    engine.store(view())
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        grid = app.screen.table.grid
        as_it_came = systems(pilot)
        await pilot.press("down")
        chosen = grid.cursor
        head = grid.render_line(1).text
        x = head.index("nDCG@10") + 2
        values = next(column.cells for column in grid._table.columns if column.head.startswith("nDCG@10"))
        means = [float(cell[0][0]) for cell in values]
        by_mean = [str(row + 1) for row in sorted(range(len(means)), key=lambda row: -means[row])]
        for expected, arrow in ((by_mean, "▼"), (by_mean[::-1], "▲"), (as_it_came, "")):
            await pilot.click(grid, offset=(x, 1))
            await pilot.pause()
            assert systems(pilot) == expected
            assert (f"{arrow}nDCG@10" in grid.render_line(1).text) or not arrow
            assert grid.cursor == chosen
        await pilot.click(grid, offset=(x, 1))
        await pilot.click(grid, offset=(5, 2))  # the first row
        assert str(grid.cursor + 1) == by_mean[0]
        await pilot.press("j", "b")  # the second becomes the baseline
        assert str(app.screen.table.baseline + 1) == by_mean[1]
        await pilot.press("shift+left")
        assert "▼params" in grid.render_line(1).text
        assert "nDCG@10" in text_of(app)


@pytest.mark.parametrize(
    ("cells", "numbers", "turned", "rows"),
    [
        pytest.param(["0.6*", "–", "0.71▲", "0.6"], True, False, [2, 0, 3, 1], id="marks, and nothing last"),
        pytest.param(["22.7M fp32", "7B", "–", "110M"], True, True, [0, 3, 1, 2], id="sizes, smallest first"),
        pytest.param(["−0.1", "+0.2", "1,200"], True, False, [2, 1, 0], id="signs and thousands"),
        pytest.param(["b", "A", "–"], False, False, [1, 0, 2], id="names"),
    ],
)
def test_the_order_of_cells(cells: list[str], numbers: bool, turned: bool, rows: list[int]) -> None:
    assert ordered(cells, numbers=numbers, turned=turned) == rows
