"""The lists: rows, marks, movements, cursor, tabs and columns."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.waiting import until
from zsr_tui.domain import Doc
from zsr_tui.ui.compare.ranking.list import RankingList

from ..fake.engine import RERANKED, SYSTEMS, FakeEngine
from .app import CompareApp
from .screen import SIZES, compare, finished, rows, shown, text


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_shows_lists_measures_and_query(size: tuple[int, int]) -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=size) as pilot:
        await finished(pilot)
        await until(pilot, lambda: "2 models" in text(pilot))
        screen = text(pilot)
        assert "demo" in screen
        assert "140 docs · 6 queries" in screen
        assert ("3/6 · 42 · 2 rel." if size[0] == 80 else "3/6 · qid 42 · 2 relevant") in screen
        assert "a deficiency of vitamin B12 increases" in screen
        assert "nDCG@10 0.613" in screen
        assert "Judged@10 0.200" in screen
        assert "cpu fp32" in screen
        visible = [pane for pane in compare(pilot).rankings.panes if pane.display]
        assert len(visible) == (1 if size[0] < 120 else 3)
        assert all(cell_len(line) == size[0] for line in shown(pilot))


async def test_a_very_short_terminal_shows_rows() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 8)) as pilot:
        await finished(pilot)
        assert rows(compare(pilot).rankings.panes[0].ranking)[0].startswith(">  1 ·")
        assert "nDCG@10 0.613" in text(pilot)


async def test_a_row_has_rank_judgment_movement_score_title_and_snippet() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        first, second = (rows(compare(pilot).rankings.panes[number].ranking) for number in (0, 1))
        assert first[0].startswith(">  1 ·")
        assert "22.64" in first[0]
        assert "Vitamin B12 deficiency" in first[0]
        assert "…Vitamin B12 deficiency raises blood levels of homocysteine…" in first[1]
        assert first[2].startswith("   2 ●2 20.67")  # the reference list has no movement column
        assert second[0].startswith("›  1 ●2 ↑1")
        assert second[2].startswith("»  2 ·  ↓1")  # the document under the active list's cursor
        marks = "".join(line[5] for line in first[::2] + second[::2])
        assert set(marks) >= {"●", "○", "·"}


async def test_a_snippet_shows_the_terms_at_every_width_also_after_a_resize_and_before_a_score() -> None:
    text = f"{'filler ' * 50}the deficiency of vitamin B12 {'filler ' * 50}"
    engine = FakeEngine(docs=[Doc(f"d{number}", f"title {number}", text) for number in range(30)])
    gate = engine.hold("rerank", system=2, batch=0)
    app = CompareApp(engine, query="vitamin deficiency")
    async with app.run_test(size=(120, 40)) as pilot:
        await gate.reached()
        panes = compare(pilot).rankings.panes
        await until(pilot, lambda: all("deficiency of vitamin" in rows(pane.ranking)[1] for pane in panes))
        assert "…" in rows(panes[2].ranking)[0]  # in place of its score
        narrow = rows(panes[0].ranking)[1].strip()
        assert narrow[0] == narrow[-1] == "…"
        await pilot.resize_terminal(200, 50)
        await until(pilot, lambda: len(rows(panes[0].ranking)[1].strip()) > len(narrow) + 20)
        assert all("deficiency of vitamin" in rows(pane.ranking)[1] for pane in panes)
        gate.release()


async def test_documents_that_the_reference_does_not_have_are_crossed() -> None:
    app = CompareApp(FakeEngine(), qid="42", depth=5)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        assert any("×" in line for line in rows(compare(pilot).rankings.panes[1].ranking))


async def test_terms_are_told_from_text_without_colour() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        line = compare(pilot).rankings.panes[0].ranking.render_line(0)
        styled = {segment.text: segment.style for segment in line if segment.style}
        assert styled["Vitamin"].bold
        assert styled["Vitamin"].underline
        assert not styled[" "].underline


async def test_another_reference_counts_the_movements_the_other_way() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        screen = compare(pilot)
        assert "reference" in screen.rankings.panes[0].head.text
        await pilot.press("alt+2", "r")
        await pilot.pause()
        assert "reference" in screen.rankings.panes[1].head.text
        assert "reference" not in screen.rankings.panes[0].head.text
        assert "↓1" in rows(screen.rankings.panes[0].ranking)[2]


async def test_cursor_keys_move_and_keep_the_row_in_view() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        ranking = compare(pilot).rankings.active_list
        await pilot.press("down", "down", "pagedown")
        place = ranking.cursor
        assert place > 5
        assert any(line.startswith(">") for line in rows(ranking))
        await pilot.press("end")
        assert ranking.cursor == 99
        assert any(line.startswith(">100 ") for line in rows(ranking))
        await pilot.press("home", "up")
        assert ranking.cursor == 0
        assert rows(ranking)[0].startswith(">  1 ")


async def test_align_brings_the_document_to_the_same_line_everywhere() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        screen = compare(pilot)
        await pilot.press("alt+2", *["down"] * 30, "a")
        await pilot.pause()
        doc_id = screen.rankings.doc_id
        lists = [pane.ranking for pane in screen.rankings.panes]
        assert [each.doc_id for each in lists] == [doc_id] * 3
        for number, each in enumerate(lists):
            gutter = ">" if number == 1 else "»"
            assert any(line.startswith(gutter) for line in rows(each))
        deep = [each for each in lists if each.cursor > 20 and each.cursor < 80]
        assert len({each.cursor_line for each in deep}) == 1


async def test_align_says_which_lists_do_not_have_the_document() -> None:
    app = CompareApp(FakeEngine(), qid="42", depth=3)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await finished(pilot)
        await pilot.press("alt+2", "end", "a")
        await pilot.pause()
        assert "not in the list of" in text(pilot)


async def test_mouse_moves_the_cursor_chooses_lists_and_scrolls() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        screen = compare(pilot)
        second = screen.rankings.panes[1]
        await pilot.click(second.ranking, offset=(10, 5))
        assert screen.rankings.active == 1
        assert second.ranking.cursor == 2
        await pilot.click(screen.rankings.panes[2].head, offset=(5, 0))
        assert screen.rankings.active == 2
        assert screen.focused is screen.rankings.panes[2].ranking
        second.ranking.scroll_down(animate=False)
        await pilot.pause()
        assert not rows(second.ranking)[0].startswith("   1 ")
        assert second.ranking.cursor == 2


async def test_a_double_click_opens_the_document() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.click(compare(pilot).rankings.panes[1].ranking, offset=(10, 3), times=2)
        await until(pilot, lambda: app.screen is not app.compare)
        await until(pilot, lambda: "2048910" in text(pilot))


async def test_tabs_show_every_system_with_its_measure_and_a_click_chooses_one() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        screen = compare(pilot)
        strip = screen.rankings.tabs
        assert strip.display
        assert all(part in strip.text for part in ("0.613", "0.831", "0.920", "▶1 bm25"))
        await pilot.press("tab")
        assert "▶2 " in strip.text
        assert screen.rankings.panes[1].display
        assert not screen.rankings.panes[0].display
        await pilot.click(strip, offset=(70, 0))
        assert screen.rankings.active == 2
        await pilot.press("shift+tab", "alt+1", "alt+5")
        assert screen.rankings.active == 0


async def test_a_terminal_wide_enough_for_three_lists_shows_five_as_tabs() -> None:
    systems = (*SYSTEMS, "rrf(bm25, dense(all-MiniLM-L6-v2))", "bm25 % 1000 >> castorini/monot5-base-msmarco-10k")
    app = CompareApp(FakeEngine(), systems, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        assert compare(pilot).rankings.has_class("tabs")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: cell_len(shown(pilot)[0]) == 80)
        assert [" ".join(tab.split()) for tab in compare(pilot).rankings.tabs.text.split("│")[:5]] == [
            "▶1 bm25 .613*",
            "2 al…v2 .831",
            "3 L12 .920",
            "4 rrf .500",
            "5 base .250",
        ]
        await pilot.resize_terminal(200, 50)
        await until(pilot, lambda: not compare(pilot).rankings.has_class("tabs"))
        assert len([pane for pane in compare(pilot).rankings.panes if pane.display]) == 5
        assert ">> monot5-base-msmarco-10k" in text(pilot)


@pytest.mark.parametrize("size", SIZES[:2], ids=["tabs", "side by side"])
async def test_keys_that_follow_each_other_closely_all_count(size: tuple[int, int]) -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=size) as pilot:
        await finished(pilot)
        for _ in range(2):  # before the list of the first has said that it has the focus
            app.simulate_key("right")
        await pilot.pause()
        assert compare(pilot).rankings.active == 2
        assert compare(pilot).rankings.active_list.has_focus


async def test_one_system_alone_is_one_list_without_tabs() -> None:
    app = CompareApp(FakeEngine(), (RERANKED,), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        assert not compare(pilot).rankings.has_class("tabs")
        assert "reference" not in text(pilot)
        await pilot.press("tab", "alt+2", "a", "r")
        assert compare(pilot).rankings.active == 0


async def test_resizing_keeps_query_cursor_scroll_and_lists() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        screen = compare(pilot)
        await pilot.press("alt+2", *["down"] * 40)
        await pilot.pause()
        doc_id = screen.rankings.doc_id
        for size in ((80, 24), (120, 40), (240, 60), (80, 24), (200, 50)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            ranking = screen.rankings.active_list
            assert (screen.rankings.active, screen.rankings.doc_id) == (1, doc_id)
            assert any(line.startswith(">") for line in rows(ranking)), size
            assert "42 · 2 rel" in text(pilot)
            assert "0.831" in text(pilot)
            assert all(cell_len(line) == size[0] for line in shown(pilot))


async def test_resizing_during_a_rerank_does_not_stop_it() -> None:
    engine = FakeEngine()
    gate = engine.hold("rerank", system=2, batch=1)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await gate.reached()
        await pilot.resize_terminal(80, 24)
        await pilot.press("alt+3")
        await until(pilot, lambda: "25/100" in text(pilot))
        await pilot.resize_terminal(160, 45)
        gate.release()
        await finished(pilot)
        assert engine.abandoned == []
        assert compare(pilot).session.lists[2].measures


async def test_a_list_of_a_thousand_rows_paints_only_what_is_seen() -> None:
    from zsr_tui.api.events import DocHead, Ranking, Row
    from zsr_tui.api.requests import SystemHead
    from zsr_tui.ui.compare.session import SystemList

    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        ranking: RankingList = compare(pilot).rankings.active_list
        many = [Row(doc_id=str(number), score=float(-number)) for number in range(1000)]
        heads = {row.doc_id: DocHead(title=f"title {row.doc_id}", passage="") for row in many}
        system = SystemList(SystemHead(notation="bm25", label="BM25"))
        counts = {"scored": 1000, "total": 1000, "elapsed_ms": 1.0}
        system.take(Ranking(request="r", system=0, stage="bm25", rows=tuple(many), final=True, **counts))
        ranking.show(system, heads, None, moves=False)
        await pilot.press("end")
        await pilot.pause()
        assert any("title 999" in line for line in rows(ranking))
        assert len(ranking._strips) < 200
