"""The weight of a fused list, moved by keys and by mouse while the list is looked at."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.ui.reading import notices
from tests.waiting import until
from zsr_tui.api.questions import Question
from zsr_tui.api.weights import BestWeight, FindBestWeight, Reweigh
from zsr_tui.domain import Problem
from zsr_tui.ui.compare.lists import Phase
from zsr_tui.ui.compare.messages import SystemsTaken
from zsr_tui.ui.parts.judging.note import NoteScreen
from zsr_tui.ui.parts.messages import ExplanationWanted

from ..fake.engine import BM25, DENSE, FakeEngine, Gate
from ..fake.preparing import encoding
from .app import CompareApp
from .screen import compare, finished, rows, text

FUSED = f"linear({BM25}, {DENSE}; weights=[0.7, 0.3])"
RERANKED = f"rrf({BM25}, {DENSE}) % 50 >> ms-marco-MiniLM-L-12-v2"


async def moved(pilot: Pilot[None], *keys: str, to: str) -> None:
    await pilot.press(*keys)
    await until(pilot, lambda: to in head(pilot) and f"{to} …" not in head(pilot))


def head(pilot: Pilot[None], number: int = 1) -> str:
    return compare(pilot).rankings.panes[number].head.text


async def test_keys_order_the_list_anew_with_its_measures_marks_and_head_and_search_nothing() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, (BM25, FUSED), qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        screen = compare(pilot)
        assert "bm25 ▕███████   ▏ 0.70" in head(pilot)
        before, order = rows(screen.rankings.panes[1].ranking), list(screen.session.lists[1].places)
        assert "weight" not in text(pilot).splitlines()[-1]
        await pilot.press("alt+2")
        await until(pilot, lambda: "+ - weight  b best  " in text(pilot).splitlines()[-1])
        await moved(pilot, "minus", to="▏ 0.65")
        await until(pilot, lambda: "b best  u take over" in text(pilot).splitlines()[-1])
        assert "weights=[0.65, 0.35]" in head(pilot)
        assert "nDCG@10 0.650" in head(pilot)
        after = rows(screen.rankings.panes[1].ranking)
        assert after != before
        weighed, query = f"linear({BM25}, {DENSE}; weights=[0.65, 0.35])", screen.session.query
        assert list(screen.session.lists[1].places) == [doc_id for doc_id, _ in engine.ranking(weighed, query)][:100]
        assert any("↑" in line or "↓" in line for line in after[::2])
        await pilot.press("r")  # the other list's marks follow where the fused one is the reference
        others = rows(screen.rankings.panes[0].ranking)
        await moved(pilot, "full_stop", "full_stop", to="▏ 0.67")
        assert rows(screen.rankings.panes[0].ranking) != others
        await moved(pilot, "plus", to="▏ 0.70")
        await moved(pilot, *["plus"] * 9, to="▏ 0.99")
        await moved(pilot, "ctrl+r", to="▏ 0.70")
        assert list(screen.session.lists[1].places) == order
        assert len(engine.requests) == 1


async def test_weights_stay_for_the_next_query_and_are_taken_over_on_a_key() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, (BM25, FUSED), qid="42", active=1)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await moved(pilot, "comma", to="▏ 0.69")
        await pilot.press("n")
        await until(pilot, lambda: len(engine.requests) == 2)
        await finished(pilot)
        weighed = f"linear({BM25}, {DENSE}; weights=[0.69, 0.31])"
        assert engine.requests[1].systems == (BM25, weighed)
        assert compare(pilot).session.systems == (BM25, FUSED)  # not chosen yet
        await pilot.press("u")
        assert compare(pilot).session.systems == (BM25, weighed)
        await until(pilot, lambda: [each.systems for each in app.said if isinstance(each, SystemsTaken)] != [])
        assert app.said[-1] == SystemsTaken((BM25, weighed))
        assert f"List 2 is {weighed} from now on." in notices(app)


async def test_a_list_that_asked_again_once_its_index_was_there_is_weighed_like_any_other() -> None:
    engine = FakeEngine()
    engine.unbuilt |= {DENSE, FUSED}
    engine.preparing.add(encoding(70), DENSE)
    engine.preparing.add(encoding(70), FUSED)
    app = CompareApp(engine, (BM25, DENSE, FUSED), qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        await until(pilot, lambda: "encoding 70 of 140" in head(pilot, 2))
        engine.unbuilt.clear()
        engine.preparing.finish("dense demo m")
        await until(pilot, lambda: "0.70" in head(pilot, 2) and "encoding" not in head(pilot, 2))
        await until(pilot, lambda: all(each.phase is Phase.DONE for each in compare(pilot).session.lists))
        await pilot.press("alt+3", "minus")
        await until(pilot, lambda: "▏ 0.65" in head(pilot, 2) and "weights=[0.65, 0.35]" in head(pilot, 2))
        await pilot.press("b")
        await until(pilot, lambda: "◆" in head(pilot, 2))
        assert "not kept" not in text(pilot)


async def test_lists_that_follow_the_query_line_are_weighed_whichever_of_all_were_asked() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, (RERANKED, BM25, FUSED), qid="42", live=True)
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        await pilot.press("slash", *"statin")
        await until(pilot, lambda: compare(pilot).session.query == "statin")
        await finished(pilot)
        assert engine.requests[-1].systems == (BM25, FUSED)
        pane = compare(pilot).rankings.panes[2].head
        line = next(number for number, each in enumerate(pane.text.splitlines()) if "▕" in each)
        at = pane.text.splitlines()[line].index("▕")
        await pilot.click(pane, offset=(at + 5, line))
        await until(pilot, lambda: "weights=[0.4" in head(pilot, 2))
        assert "not kept" not in text(pilot)


async def test_a_click_on_the_slider_puts_the_weight_there() -> None:
    app = CompareApp(FakeEngine(), (BM25, FUSED), qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        widget = compare(pilot).rankings.panes[1].head
        y, line = next((y, line) for y, line in enumerate(widget.text.split("\n")) if "▕" in line)
        await pilot.click(widget, offset=(line.index("▕") + 3, y))  # the third of ten cells
        await until(pilot, lambda: "▏ 0.25" in head(pilot) and "▏ 0.25 …" not in head(pilot))
        assert compare(pilot).rankings.active == 1


async def test_a_reranker_above_the_fusion_is_asked_for_before_it_scores_again() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, (BM25, RERANKED), qid="42", active=1)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        shown = rows(compare(pilot).rankings.panes[1].ranking)
        await pilot.press("plus")
        await until(pilot, lambda: "0.55 not scored" in head(pilot))
        assert any("would have to score again" in notice for notice in notices(app))
        assert rows(compare(pilot).rankings.panes[1].ranking) == shown
        await pilot.press("u")
        await until(pilot, lambda: "Score again with these weights?" in text(pilot))
        await pilot.press("escape")
        assert len(engine.requests) == 1
        await pilot.press("u")
        await until(pilot, lambda: "Score again with these weights?" in text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: len(engine.requests) == 2)
        await finished(pilot)
        assert engine.requests[1].systems[1] == RERANKED.replace(")) %", "); weights=[1.1, 0.9]) %")
        assert "0.55" in head(pilot)
        assert "not scored" not in head(pilot)
        assert engine.asked_for(Reweigh) == []


async def test_the_weight_that_is_best_for_the_query_is_marked_and_gone_to() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, (BM25, FUSED), qid="42", active=1)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("b")
        await until(pilot, lambda: "bm25 ▕████◆◆█   ▏ 0.70 ◆ 0.40–0.55 (.812)" in head(pilot))
        assert "highest, 0.812, where bm25 weighs 0.40 to 0.55; b goes there." in notices(app)[-1]
        assert engine.asked_for(Reweigh) == []
        await moved(pilot, "b", to="▏ 0.45")
        await pilot.press("b")
        assert "nDCG@10 of this query is highest, 0.812, with the weight that it has, as with 0.40 to 0.55." in notices(
            app
        )
        zero = BestWeight(measure="nDCG@10", value=0.0, share=0.45, low=0.01, high=0.99)
        found = engine.answers[FindBestWeight]
        engine.answers[FindBestWeight] = lambda _: zero
        await moved(pilot, "plus", "asterisk", "asterisk", to="▏ 0.50")
        await pilot.press("b")
        await until(pilot, lambda: "nDCG@10 of this query is 0.000 with every weight." in notices(app))
        assert "◆" not in head(pilot)
        engine.answers[FindBestWeight] = found
        await pilot.press("asterisk")
        assert "◆" not in head(pilot)
        await pilot.press("slash", "ctrl+u", *"bread", "enter")
        await until(pilot, lambda: len(engine.requests) == 2)
        await finished(pilot)
        assert "◆" not in head(pilot)
        await pilot.press("b")
        await until(pilot, lambda: any("no judgments" in notice for notice in notices(app)))


async def test_a_best_weight_is_of_the_judgments_that_count_and_forgotten_when_these_are_others() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, (BM25, FUSED), qid="42", active=1)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("b")
        await until(pilot, lambda: "◆ 0.40–0.55 (.812)" in head(pilot))
        await pilot.press("1")
        await until(pilot, lambda: "■" in head(pilot) and "◆" not in head(pilot))
        await pilot.press("b")
        await until(pilot, lambda: "◆ 0.40–0.55 (.822)" in head(pilot))
        await pilot.press("N")  # a note judges nothing
        await until(pilot, lambda: isinstance(app.screen, NoteScreen) and app.screen.is_current)
        await pilot.press(*"odd", "f5")
        await until(pilot, lambda: app.screen is app.compare and "¶" in text(pilot))
        assert "◆ 0.40–0.55 (.822)" in head(pilot)
        await pilot.press("O")
        await until(pilot, lambda: "◆" not in head(pilot))
        await pilot.press("b")
        await until(pilot, lambda: "◆ 0.40–0.55 (.812)" in head(pilot))
        await pilot.press("2")  # what does not count changes nothing
        await until(pilot, lambda: "■2" in text(pilot))
        assert "◆ 0.40–0.55 (.812)" in head(pilot)
        await pilot.press("O")
        await until(pilot, lambda: "◆" not in head(pilot))
        await pilot.press("b")
        await until(pilot, lambda: "◆ 0.40–0.55 (.822)" in head(pilot))
        await pilot.press("x")
        await until(pilot, lambda: "◆" not in head(pilot))


async def test_a_judgment_that_is_made_while_the_best_weight_is_sought_counts_for_it() -> None:
    gate = Gate()

    class Slow(FakeEngine):
        async def call(self, question: Question[Any]) -> Any:
            answer = await super().call(question)
            if isinstance(question, FindBestWeight) and len(self.asked_for(FindBestWeight)) == 1:
                await gate.pass_through()
            return answer

    app = CompareApp(Slow(), (BM25, FUSED), query="my own words", active=1)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("b")
        await gate.reached()
        await pilot.press("1")
        await until(pilot, lambda: "■" in head(pilot))
        gate.release()
        await until(pilot, lambda: "◆ 0.40–0.55 (.822)" in head(pilot))
        assert not any("no judgments" in notice for notice in notices(app))


async def test_what_cannot_be_weighed_says_so_and_a_refusal_puts_the_weights_back() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, (BM25, FUSED), qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("plus")
        assert any("This list fuses nothing" in notice for notice in notices(app))
        engine.problems[Reweigh] = Problem("the lists inside this fusion are not kept any more.")
        await pilot.press("alt+2", "plus")
        await until(pilot, lambda: "are not kept any more" in text(pilot))
        assert "▏ 0.70 " in head(pilot)


@pytest.mark.parametrize("fusion", ["linear", "rrf"])
async def test_the_same_place_gives_the_same_weights_and_an_explanation_is_of_the_list_as_it_stands(
    fusion: str,
) -> None:
    engine = FakeEngine()
    app = CompareApp(engine, (BM25, f"{fusion}({BM25}, {DENSE})"), qid="42", active=1)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await moved(pilot, "plus", "minus", to="▏ 0.50")
        assert compare(pilot).session.lists[1].head.notation == f"{fusion}({BM25}, {DENSE})"
        await moved(pilot, "minus", to="▏ 0.45")
        shown = f"{fusion}({BM25}, {DENSE}; weights=[0.9, 1.1])"
        await pilot.press("i")
        await until(pilot, lambda: [each for each in app.said if isinstance(each, ExplanationWanted)] != [])
        assert isinstance(app.said[-1], ExplanationWanted)
        assert app.said[-1].about.systems == (BM25, shown)
        assert compare(pilot).session.systems == (BM25, f"{fusion}({BM25}, {DENSE})")
