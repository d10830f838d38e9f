"""Documents that tie: the list on the screen, its measures, the stored evaluation and the written run say the same."""

from __future__ import annotations

import json
from pathlib import Path

import ir_measures
import pytest

from tests.engine.conftest import BM25, DENSE
from zsr_tui.api.evaluations import ReadRuns
from zsr_tui.api.events import AnyEvent, EvaluateFinished, Measured, QueryEvaluated, Ranking
from zsr_tui.api.requests import EvaluateRequest, PrepareRequest, SearchRequest
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.evaluation.run_files import runs_page
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.prepare import prepare
from zsr_tui.engine.search import search
from zsr_tui.progress import CancelToken

RERANKER = "ms-marco-minilm-l12-int8"
FUSED = f"rrf({BM25}, {DENSE})"
TEXTS = dict.fromkeys(["d1", "d10", "d2", "d3", "d9"], "The lantern has a flame.") | {"b1": "A lantern. " * 5 + "Sea."}
SYSTEMS = (BM25, DENSE, FUSED, f"{BM25} % 4 >> {RERANKER}", f"{BM25} % 3")


@pytest.fixture(scope="module")
def tied(library: Library, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("tied")
    docs = [{"_id": doc_id, "title": "", "text": text} for doc_id, text in reversed(TEXTS.items())]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(doc) + "\n" for doc in docs))
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "lantern flame"}\n')
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td10\t1\nq\td9\t0\n")
    prepare(library, PrepareRequest(id="p", dataset=str(folder), systems=SYSTEMS), lambda _: None, CancelToken())
    return str(folder)


def test_every_view_of_a_list_has_its_systems_own_order(library: Library, tied: str) -> None:
    events: list[AnyEvent] = []
    search(library, SearchRequest(id="s", dataset=tied, systems=SYSTEMS, qid="q"), events.append, CancelToken())
    shown = {
        each.system: [row.doc_id for row in each.rows] for each in events if isinstance(each, Ranking) and each.final
    }
    measured = {each.system: each.values for each in events if isinstance(each, Measured)}
    assert shown[0] == ["d1", "d10", "d2", "d3", "d9", "b1"], "Anserini's order"
    assert shown[3] == shown[0][:4], "where its scores tie, a reranker leaves the candidates as they are"
    assert shown[4] == shown[0][:3]
    assert measured[0]["RR@10"] == 0.5

    request = EvaluateRequest(id="e", dataset=tied, systems=SYSTEMS, measures=("RR@10", "nDCG@10"), rankings=True)
    evaluate(library, request, events.append, CancelToken())
    end = events[-1]
    assert isinstance(end, EvaluateFinished)
    runs = {part.name: part.text for part in runs_page(ReadRuns(id=end.evaluation)).parts if part.name.endswith(".run")}
    told = [each for each in events if isinstance(each, QueryEvaluated)]
    for system, (result, text) in enumerate(zip(end.results, runs.values(), strict=True)):
        assert [doc_id for doc_id, _ in told[system].ranking] == shown[system]
        assert {name: measured[system][name] for name in result.means} == pytest.approx(result.means)
        run = list(ir_measures.read_trec_run(text))
        for name, value in result.means.items():  # by two providers, which break ties in opposite ways
            measure = ir_measures.parse_measure(name)
            assert ir_measures.calc_aggregate([measure], {"q": {"d10": 1, "d9": 0}}, run)[measure] == value


def test_a_run_that_was_written_is_the_same_system_again(library: Library, tied: str, tmp_path: Path) -> None:
    events: list[AnyEvent] = []
    request = EvaluateRequest(id="e", dataset=tied, systems=(BM25,), measures=("RR@10",))
    evaluate(library, request, events.append, CancelToken())
    first = events[-1]
    assert isinstance(first, EvaluateFinished)
    path = tmp_path / "mine.run"
    path.write_text(runs_page(ReadRuns(id=first.evaluation)).parts[0].text)
    again = EvaluateRequest(id="f", dataset=tied, systems=(), runs=(str(path),), measures=("RR@10",))
    evaluate(library, again, events.append, CancelToken())
    second = events[-1]
    assert isinstance(second, EvaluateFinished)
    assert second.results[0].means == first.results[0].means == {"RR@10": 0.5}
