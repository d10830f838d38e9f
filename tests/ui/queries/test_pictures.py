from __future__ import annotations

from tests.waiting import until
from zsr_tui.api.queries import ReadScatter
from zsr_tui.ui.compare.screen import CompareScreen

from ..fake.queries import StoredEngine
from .screen import app_on, opened, shows, text, under_cursor


async def test_bars_are_sorted_and_the_cursor_stays_on_its_query() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("down", "down", "2")
        await until(pilot, lambda: "a deficiency of vitamin" in under_cursor(pilot))
        lines = text(pilot).splitlines()
        (below,) = [number for number, line in enumerate(lines) if line.strip() == "▲"]
        assert lines[below - 1].strip()[:1] == "−"  # the end of the chart
        lines = text(pilot).splitlines()
        assert any("worse than ◆1│better than ◆1" in line for line in lines)
        await pilot.press("home")
        await until(pilot, lambda: "−0.700" in under_cursor(pilot))
        bar = under_cursor(pilot)
        assert bar.index("█") < bar.index("│")
        await pilot.press("end")
        await until(pilot, lambda: "+0.700" in under_cursor(pilot))
        bar = under_cursor(pilot)
        assert bar.index("│") < bar.index("█")  # a gain goes to the right


async def test_pictures_show_what_the_table_is_filtered_by() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.press("w", "w", "3")
        await shows(pilot, "0 better, below 27 worse, 0 equal")
        await pilot.press("w", "w")
        await shows(pilot, "27 better, below 27 worse, 6 equal")
        await pilot.press("slash", *"vitamin", "enter")
        await shows(pilot, "1 better, below 0 worse, 0 equal")
        await pilot.press("2")
        await until(pilot, lambda: screen.views.bars.display and "vitamin" in under_cursor(pilot))
        await pilot.press("slash", *" nothing like it", "enter")
        await shows(pilot, "No query matches")
        await pilot.press("3")
        await shows(pilot, "No query matches")


async def test_a_point_for_each_query_is_below_the_diagonal_where_the_system_loses() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.press("3")
        await shows(pilot, "nDCG@10 · ▶3 upwards · ◆1 to the right · above ╱ 27 better, below 27 worse, 6 equal")
        await shows(pilot, "▶3 0.000 · ◆1 0.000 · 0.000 · 0 relevant")  # the query that the table's cursor was on
        await pilot.press("home")
        await shows(pilot, "· −0.700 ·")
        row = screen.listing.row
        assert row is not None
        lines = text(pilot).splitlines()
        (at,) = [(line.index("◉"), number) for number, line in enumerate(lines) if "◉" in line and "│" in line]
        assert "╱" in lines[at[1]][: at[0]]
        assert f"◉ {row.qid}  {row.text.strip()}" in text(pilot)
        await pilot.press("down")
        await until(pilot, lambda: screen.listing.pages.cursor == 1)
        row = screen.listing.row
        assert row is not None
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen))
        await until(pilot, lambda: engine.requests)
        assert engine.requests[-1].qid == row.qid
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert screen.views.scatter.has_focus
        assert f"◉ {row.qid} " in text(pilot)


async def test_a_click_on_a_point_goes_to_its_query_and_the_next_click_to_another_in_the_same_place() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    app.CLICK_CHAIN_TIME_THRESHOLD = 0.0  # no double clicks, however fast they follow one another
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.press("3")
        await shows(pilot, "above ╱")
        lines = text(pilot).splitlines()
        top = next(number for number, line in enumerate(lines) if line.lstrip().startswith("1.00 │"))
        y, x = top, lines[top].index("●")  # six queries
        chosen = set()
        for _ in range(7):
            await pilot.click(screen.views.scatter, offset=(x, y - top + 1))
            await pilot.pause()
            chosen.add(screen.listing.pages.cursor)
        assert len(chosen) == 6
        await shows(pilot, "5 other queries in this place")


async def test_documents_in_both_systems_by_rank_and_by_score() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("4")
        await shows(pilot, "d1  unjudged  ▶3: rank 1, score −1 · ◆1: rank 20, score 1")
        assert text(pilot).count("●") == 1
        await pilot.press("down", "down")
        await shows(pilot, "d3  relevant (2)")
        assert "●" not in text(pilot)  # the cursor stands on it
        await pilot.press("down", "down")
        await shows(pilot, "d5  unjudged  ▶3: rank 5, score −5 · ◆1: not in the list")
        await pilot.press("s")
        await shows(pilot, "score in ▶3, upwards")
        await pilot.press("n")
        await shows(pilot, "folate lowers")  # the next query


async def test_a_picture_that_cannot_be_read_says_so() -> None:
    from zsr_tui.domain import Problem

    engine = StoredEngine()
    engine.problems[ReadScatter] = Problem("the lists of the evaluation cannot be read.")
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("4")
        await shows(pilot, "the lists of the evaluation cannot be read.")
