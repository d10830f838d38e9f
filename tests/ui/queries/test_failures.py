from __future__ import annotations

from tests.waiting import until
from zsr_tui.api.queries import ReadLosses, ReadQueries
from zsr_tui.domain import Problem
from zsr_tui.ui.queries.screen import QueriesScreen

from ..fake.queries import StoredEngine
from .screen import app_on, line_with, opened, shows, text, told, under_cursor


async def test_a_class_of_failure_lists_its_queries() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("f")
        await shows(pilot, "[3 (3)]")
        assert under_cursor(pilot).startswith(">not retrieved")
        assert "not retrieved in ▶3: 3 of 12 relevant documents, in 3 queries." in text(pilot)
        assert "What not retrieved means." in text(pilot)
        await pilot.press("down")
        await shows(pilot, "What demoted means.")
        await pilot.press("enter")
        await shows(pilot, "demoted · 3 of 60 queries")
        assert engine.asked_for(ReadQueries)[-1].selection.outcome == "demoted"
        await pilot.press("escape")  # back to the classes, where they were left
        await shows(pilot, "why queries fail")
        assert under_cursor(pilot).startswith(">demoted")
        await pilot.press("escape")
        await shows(pilot, "60 of 60 queries")
        assert app.screen is screen


async def test_bars_of_classes_are_shares_of_all_documents_that_are_counted() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("f")
        await shows(pilot, "[3 (3)]")
        whole, part = line_with(pilot, "all relevant documents"), line_with(pilot, "found ")
        assert whole.split()[3:] == ["36", "████████", "0", "12", "████████"]
        assert part.split()[1:] == ["9", "(4)", "██", "0", "3", "(3)", "██"]  # 9 of 36, 3 of 12
        highest = text(pilot).splitlines().index(line_with(pilot, "all of the first 10"))
        assert "unjudged" in text(pilot).splitlines()[highest + 1]


async def test_an_empty_class_opens_nothing() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("f")
        await shows(pilot, "[3 (3)]")
        await pilot.press("left", "enter")
        await told(pilot, "No document of this system is in that class.")


async def test_what_goes_with_failure_has_counts_and_bars_and_every_group_leads_to_its_queries() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("f")
        await shows(pilot, "some did not fit")
        assert "query length, words (not known of 2 queries)" in text(pilot)
        line = line_with(pilot, "6 to 9")
        assert "20 0.400" in line
        ours, _, theirs = (part.count("█") for part in line.split("0.")[1:4])
        assert ours > theirs  # 0.4 against 0.1
        await pilot.press("tab", "down", "enter")
        await shows(pilot, "query length: 6 to 9 · 6 of 60 queries")
        screen = app.screen
        assert isinstance(screen, QueriesScreen)
        screen.change(screen.choice.of_group("relevant documents and the reranker's input", 0, "all fitted"))
        await shows(pilot, "all fitted · 6 of 60 queries")

        def asked() -> list[tuple[str, int]]:
            return [(each.selection.feature, each.selection.group) for each in engine.asked_for(ReadQueries)]

        assert ("query length", 1) in asked()
        await until(pilot, lambda: ("relevant documents and the reranker's input", 0) in asked())
        await pilot.press("u")
        await shows(pilot, "60 of 60 queries")


async def test_the_path_of_each_relevant_document_names_the_stage_at_fault() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await shows(pilot, "Relevant documents of 1 in ▶3")
        await shows(pilot, "not retrieved by bm25")
        lost = line_with(pilot, "demoted by")
        assert engine.demoted(0) in lost
        assert "demoted by MiniLM-L-12" in lost
        assert "bm25 5 → " in lost
        assert lost.rstrip().endswith(" 57 ◆ 5")
        assert "doc-new" not in text(pilot)  # nobody judged it
        assert "doc-good  A good one" in text(pilot)
        await pilot.press("d")
        await until(pilot, lambda: "not retrieved by" not in text(pilot))


async def test_the_verdict_is_that_of_the_query_the_measure_and_the_systems_that_are_shown() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)

        async def verdict_of(query: int, measure: str, system: int, baseline: int) -> None:
            ours, theirs = engine.rows[query].values[system], engine.rows[query].values[baseline]
            assert ours is not None
            assert theirs is not None
            await shows(pilot, f"{measure}  bm25 (baseline) {theirs:.3f} · MiniLM-L-12 {ours:.3f}")
            lost = f"At fault: MiniLM-L-12, {ours - theirs:.3f}" if ours < theirs else "Nothing lost"
            await shows(pilot, lost)

        await pilot.press("d", "down")
        await verdict_of(1, "nDCG@10", 2, 0)
        await pilot.press("m")
        await verdict_of(0, "RR@10", 2, 0)
        await pilot.press("down", "o", "down")
        await verdict_of(1, "RR@10", 1, 0)
        await pilot.press("b", "down")
        await verdict_of(1, "RR@10", screen.choice.selection.system, 1)
        assert len(engine.asked_for(ReadLosses)) <= 10  # where every query on the way was looked at for a moment


async def test_a_verdict_that_fails_is_a_sentence_and_is_not_asked_for_for_ever() -> None:
    engine = StoredEngine()
    engine.problems[ReadLosses] = Problem("lists.log is damaged at byte 7.")
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await shows(pilot, "lists.log is damaged at byte 7.")
        await shows(pilot, "demoted by MiniLM-L-12")
        for _ in range(5):  # each of them lets everything that is asked be answered
            await pilot.pause()
        assert len(engine.asked_for(ReadLosses)) <= 2
