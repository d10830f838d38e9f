from __future__ import annotations

from .fake import StoredEngine, app_on, opened, shows, text, under_cursor, until


async def test_bars_are_sorted_and_the_cursor_stays_on_its_query() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("down", "down", "2")
        await until(pilot, lambda: "▲" in text(pilot) and "a deficiency of vitamin" in under_cursor(pilot))
        lines = text(pilot).splitlines()
        assert any("worse than ◆1│better than ◆1" in line for line in lines)
        await pilot.press("home")
        await until(pilot, lambda: "+0.700" in under_cursor(pilot))
        bar = under_cursor(pilot)
        assert bar.index("│") < bar.index("█")  # a gain goes to the right
        await pilot.press("end")
        await until(pilot, lambda: "−0.700" in under_cursor(pilot))
        bar = under_cursor(pilot)
        assert bar.index("█") < bar.index("│")


async def test_documents_in_both_systems_by_rank_and_by_score() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("3")
        await shows(pilot, "d1  unjudged  ▶3: rank 1, score -1 · ◆1: rank 20, score 1")
        assert text(pilot).count("●") == 1
        await pilot.press("down", "down")
        await shows(pilot, "d3  relevant (2)")
        assert "●" not in text(pilot)  # the cursor stands on it
        await pilot.press("down", "down")
        await shows(pilot, "d5  unjudged  ▶3: rank 5, score -5 · ◆1: not in the list")
        await pilot.press("k")
        await shows(pilot, "score in ▶3, upwards")
        await pilot.press("n")
        await shows(pilot, "folate lowers")  # the next query


async def test_a_picture_that_cannot_be_read_says_so() -> None:
    from zsr_tui.domain import Problem

    engine = StoredEngine()
    engine.broken["/evaluation/scatter"] = Problem("the lists of the evaluation cannot be read.")
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("3")
        await shows(pilot, "the lists of the evaluation cannot be read.")
