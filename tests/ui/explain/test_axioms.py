"""Lists held against axioms: of a query, from Compare, and of an evaluation."""

from __future__ import annotations

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.explain.axioms.screen import AxiomsScreen
from zsr_tui.ui.explain.screen import ExplainScreen

from ..evaluation.screen import opened_on
from ..fake.engine import BM25, RERANKED, FakeEngine
from ..fake.evaluations import EvaluationEngine, view


async def test_the_pairs_against_an_axiom_and_both_documents_side_by_side() -> None:
    engine = FakeEngine()
    app = ZsrTuiApp(engine, dataset="demo", systems=(BM25, RERANKED), query="vitamin B12")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(
            pilot, lambda: len(app.compare.session.lists) == 2 and all(x.rows for x in app.compare.session.lists)
        )
        await pilot.press("escape", "A")
        await until(pilot, lambda: "of 4 pairs that it says something of, 3 agree and 1 go against it." in text_of(app))
        shown = text_of(app).split("\n")
        assert "TFC3 needs the BM25 index" in text_of(app)
        matrix = next(line for line in shown if line.startswith("> M-AND"))
        assert "▸   3/4 ████▌" in matrix
        assert "2/2 ██████" in matrix
        assert next(line for line in shown if line.startswith("  TFC3")).split() == ["TFC3", "–", "–"]
        pair = next(line for line in shown if "2 of 4  3 of 4" in line)
        assert "1. ●2 Vitamin B12 deficiency raises bloo…" in pair
        assert "above 2. ○ 2048013" in pair
        said = "Judgments tell it apart: 1 as the list has them, 0 as the axiom does."
        assert said in " ".join(text_of(app).split())
        screen = app.screen
        assert isinstance(screen, AxiomsScreen)
        copied = [choice.text for choice in screen.copyable().choices]  # type: ignore[union-attr]
        assert "| M-AND | 3 of 4 | 2 of 2 |" in " ".join(copied[0].split())
        whole = "1. ●2 Vitamin B12 deficiency raises blood levels of homocysteine (2048000) above 2. ○ 2048013"
        assert copied[1] == whole
        await pilot.press("right", "enter")
        assert "No pair of this list goes against this axiom." in notices(app)[-1]
        await pilot.press("left", "enter", "enter")
        await until(pilot, lambda: "puts 2048000 above 2048013 by 2.5000." in text_of(app))
        request = engine.explained[-1]
        assert (request.system, request.doc_id, request.against) == (BM25, "2048000", "2048013")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, AxiomsScreen))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.compare)


async def test_an_evaluation_is_looked_at_over_all_queries_and_its_run_files_have_no_explanation() -> None:
    engine = EvaluationEngine(view())
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press("A")
        await until(pilot, lambda: "first 20 documents, 6 queries" in text_of(app))
        assert "q-1: 1. ●2 Vitamin B12 deficiency raises" in text_of(app)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: isinstance(app.screen, ExplainScreen) and bool(engine.explained))
        assert engine.explained[-1].qid == "q-1"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, AxiomsScreen))
        await pilot.press("escape", "right", "enter", "enter")
        await until(pilot, lambda: bool(notices(app)))
        assert "The list is of a run file" in notices(app)[-1]
