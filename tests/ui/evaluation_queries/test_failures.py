from __future__ import annotations

from .fake import StoredEngine, app_on, line_with, opened, shows, text, told, under_cursor, until


async def test_a_class_of_failure_lists_its_queries() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("c")
        await shows(pilot, "[3 in 3]")
        assert under_cursor(pilot).startswith(">not retrieved")
        assert "what not retrieved means" in text(pilot)
        await pilot.press("down")
        await shows(pilot, "what demoted means")
        await pilot.press("enter")
        await shows(pilot, "demoted · 3 of 60 queries")
        assert app.screen is screen
        assert [asked["outcome"] for path, asked in engine.asked if path == "/evaluation/queries"][-1] == "demoted"


async def test_an_empty_class_opens_nothing() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("c")
        await shows(pilot, "[3 in 3]")
        await pilot.press("left", "enter")
        await told(pilot, "No document of this system is in that class.")


async def test_what_goes_with_failure_has_counts_and_bars_and_leads_to_queries_of_a_length() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("c")
        await shows(pilot, "some did not fit")
        assert "query length, words (not known of 2 queries)" in text(pilot)
        line = line_with(pilot, "6 to 9")
        assert "20 0.400" in line
        ours, _, theirs = (part.count("█") for part in line.split("0.")[1:4])
        assert ours > theirs  # 0.4 against 0.1
        await pilot.press("tab", "down", "enter")
        await shows(pilot, "words:6-9")
        await until(pilot, lambda: "60 of 60" not in text(pilot))


async def test_the_path_of_each_relevant_document_names_the_stage_at_fault() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await shows(pilot, "Relevant documents of 1 in ▶3")
        await shows(pilot, "not retrieved by bm25")
        lost = line_with(pilot, "demoted by")
        assert engine.demoted(0) in lost
        assert "demoted by ms-marco-MiniLM-L-12-v2" in lost
        assert "bm25 5 → " in lost
        assert lost.rstrip().endswith(" 57")
        assert "doc-new" not in text(pilot)  # nobody judged it
        await pilot.press("d")
        await until(pilot, lambda: "not retrieved by" not in text(pilot))
