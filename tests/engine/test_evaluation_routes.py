"""Stored evaluations over the routes, as a screen asks for them, and the command line over it all."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from tests.engine.conftest import BM25, DENSE, ask, refused
from zsr_tui.api import queries as api
from zsr_tui.api.evaluations import DeleteEvaluation, ListEvaluations, ReadEvaluation, ReadMatrix, StopEvaluation
from zsr_tui.api.events import EvaluateFinished, JobProgress, decode
from zsr_tui.api.explanations import AxiomsFound, AxiomsRequest
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.domain import Problem
from zsr_tui.engine.app import create_app
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.explain import axioms
from zsr_tui.engine.library import Library
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.encoder import Encoder
from zsr_tui.scoring.service import ScoringService
from zsr_tui.selection import QuerySelection
from zsr_tui.text import analysed

SMALL = "bm25 % 5 >> ms-marco-minilm-l12-int8"


@pytest.fixture(scope="module")
def client(library: Library) -> Iterator[TestClient]:
    with TestClient(create_app(library)) as client:
        yield client


@pytest.fixture(scope="module")
def stored(library: Library) -> str:
    """The evaluation of three systems on four queries."""
    events: list[Any] = []
    request = EvaluateRequest(id="e", dataset="demo", systems=(BM25, DENSE, SMALL), limit=4, depth=1003)
    evaluate(library, request, events.append, CancelToken())
    assert isinstance(events[-1], EvaluateFinished)
    return events[-1].evaluation


def queries(client: TestClient, id: str, *, agreements: bool = False, **selected: Any) -> api.QueryRows:
    """A page of the table, against the first system."""
    paging = {name: selected.pop(name) for name in ("offset", "limit") if name in selected}
    selection = QuerySelection(**{"system": 1, **selected})
    asked = api.ReadQueries(id=id, selection=selection, agreements=agreements, **paging)
    while (found := ask(client, asked)).read is not None:  # it says how far the rankings are read
        pass
    return found


def differences(client: TestClient, id: str, **selected: Any) -> api.Differences:
    return ask(client, api.ReadDifferences(id=id, selection=QuerySelection(**selected)))


def test_the_list_and_the_table(client: TestClient, stored: str) -> None:
    (item,) = [one for one in ask(client, ListEvaluations()) if one.id == stored]
    assert (item.state, item.queries, item.done, item.notations) == ("complete", 4, 4, (BM25, DENSE, SMALL))
    view = ask(client, ReadEvaluation(id=stored, baseline=1, test="randomisation"))
    assert view.systems[1].cells["nDCG@10"].difference is None
    assert view.systems[0].cells["nDCG@10"].p_holm is not None
    assert view.fingerprints.keys() == {"demo"}
    assert "--depth" not in view.command
    assert "zsr-tui evaluate --dataset demo --system bm25" in view.command


def test_the_query_table_comes_in_pages(client: TestClient, stored: str) -> None:
    asked = {"sort": "difference", "descending": True, "limit": 2}
    first = queries(client, stored, **asked)
    rest = queries(client, stored, **asked, offset=2)
    assert (first.total, first.matching, first.system, len(first.rows), len(rest.rows)) == (4, 4, 1, 2, 2)
    differences = [row.difference for row in (*first.rows, *rest.rows)]
    assert differences == sorted(differences, reverse=True)
    assert first.rows[0].rbo is None
    one = queries(client, stored, **asked, agreements=True).rows[0]
    assert 0 <= one.rbo <= 1
    assert one.difference == pytest.approx(one.values[1] - one.values[0])
    lost = queries(client, stored, system=2, outcome="below the rerank depth")
    rows = {row.outcome: row for row in ask(client, api.ReadOutcomes(id=stored))}
    assert lost.matching == rows["below the rerank depth"].queries[2] > 0
    assert sum(row.documents for row in lost.rows) == rows["below the rerank depth"].documents[2]


def test_from_a_query_to_the_stage_at_fault(client: TestClient, stored: str, library: Library) -> None:
    lost = queries(client, stored, system=2, outcome="below the rerank depth")
    query = lost.rows[0].query
    fates = ask(client, api.ReadFates(id=stored, query=query))
    (at_fault, *_) = [fate for fate in fates if fate.system == 2 and fate.outcome == "below the rerank depth"]
    assert at_fault.stage == "bm25"
    assert at_fault.before is not None
    assert at_fault.before > 5
    scatter = ask(client, api.ReadScatter(id=stored, query=query, system=2))
    (point,) = [point for point in scatter.points if point.doc_id == at_fault.doc_id]
    assert (point.rank, point.baseline_rank) == (None, at_fault.before)
    assert library.corpus("demo").docs([at_fault.doc_id])[at_fault.doc_id].title == at_fault.title != ""


@pytest.mark.parametrize("measure", ["nDCG@10", "AP", "RR@10"])
def test_the_verdict_of_every_query_ends_at_the_systems_value(client: TestClient, stored: str, measure: str) -> None:
    for system, baseline in ((2, 0), (1, 0), (2, 1), (0, 2)):
        asked = {"measure": measure, "system": system, "baseline": baseline}
        for row in queries(client, stored, **asked).rows:
            found = ask(client, api.ReadLosses(id=stored, query=row.query, **asked))
            assert found.steps[-1].value == pytest.approx(row.values[system])
            assert found.difference == pytest.approx(row.values[system] - row.values[baseline])
            assert sum(step.change for step in found.steps) == pytest.approx(found.difference)
            if row.difference < 0:
                assert found.at_fault is not None
                assert found.verdict.startswith("at fault: ")
    # where BM25 hands on five documents, that alone loses what stood below
    if measure == "R@1000":
        asked = {"id": stored, "measure": measure, "system": 2}
        cuts = [ask(client, api.ReadLosses(**asked, query=query)) for query in range(4)]
        assert {cut.verdict.partition(",")[0] for cut in cuts if cut.at_fault} == {"at fault: the cut % 5"}


def test_classes_add_up_to_all_documents_that_are_counted(client: TestClient, stored: str) -> None:
    rows = ask(client, api.ReadOutcomes(id=stored))
    relevant = sum(row.relevant for row in queries(client, stored).rows)
    for system in range(3):
        assert {row.of[system] for row in rows if row.relevant} == {relevant}
        fates = [row for row in rows if row.relevant and row.outcome != "one family only"]
        assert sum(row.documents[system] for row in fates) == relevant
    highest = {row.of for row in rows if not row.relevant}
    assert highest == {(40, 40, 20)}  # four queries; the third system's lists have five documents


def test_lists_are_held_against_axioms(client: TestClient, stored: str, library: Library) -> None:
    """Those of an evaluation; and of one of its queries, whose list turned round goes against what it agreed with."""
    request = AxiomsRequest(id="a", dataset="demo", evaluation=stored, depth=5)
    lines = client.post("/axioms", content=msgspec.json.encode(request)).content.splitlines()
    *progress, found = map(decode, lines)
    assert isinstance(found, AxiomsFound)
    assert all(isinstance(event, JobProgress) for event in progress)
    assert (found.queries, found.notes) == (len(queries(client, stored).rows), ())
    m_and = next(each for each in found.agreements if each.axiom == "M-AND" and each.against)
    pair = m_and.violations[0]
    docs = library.corpus("demo").docs([pair.upper, pair.lower])
    said = [set(analysed(docs[each].content)) for each in (pair.upper, pair.lower)]
    query, _ = library.corpus("demo").find("", pair.qid) or pytest.fail(pair.qid)
    has = [len(terms & set(analysed(query.text))) for terms in said]
    assert has[0] < has[1]
    judged = library.corpus("demo").judgments(pair.qid)
    assert pair.grades == (judged.get(pair.upper), judged.get(pair.lower))
    assert pair.titles == (docs[pair.upper].title, docs[pair.lower].title)
    assert pair.facts == tuple(f"{each} of {len(set(analysed(query.text)))}" for each in has)
    ranking = ("cooking-05", "cooking-04", "cooking-01", "weather-01", "nowhere")
    both = AxiomsRequest(id="a", dataset="demo", query="sugar syrup cooked", lists=(ranking, ranking[::-1]))
    (found,) = map(decode, client.post("/axioms", content=msgspec.json.encode(both)).content.splitlines())
    assert isinstance(found, AxiomsFound)
    assert found.notes == ("1 document of the lists cannot be found in the corpus: left out.",)
    counts = {(each.axiom, each.system): (each.agree, each.against) for each in found.agreements}
    assert all(counts[name, 0] == counts[name, 1][::-1] for name, *_ in found.axioms)
    assert sum(counts["STMC1", 0]) == 6
    ranks = {each.ranks for each in found.agreements if each.system == 1 for each in each.violations}
    assert min(map(min, ranks), default=2) == 2


@pytest.mark.parametrize("had", [0, 1])
def test_an_encoder_that_cannot_be_had_is_asked_for_once_and_noted_once(
    stored: str, library: Library, monkeypatch: pytest.MonkeyPatch, had: int
) -> None:
    """Also where it could be had at first: it is the same one to the end."""
    asked: list[str] = []
    encoder = ScoringService.encoder

    def refuse(self: ScoringService, model: str, *args: Any, **more: Any) -> Encoder:
        asked.append(model)
        if len(asked) > had:
            raise Problem("the encoder is not here.")
        return encoder(self, model, *args, **more)

    monkeypatch.setattr(ScoringService, "encoder", refuse)
    monkeypatch.setattr(axioms, "_AT_ONCE", 1)
    events: list[Any] = []
    request = AxiomsRequest(id="a", dataset="demo", evaluation=stored, depth=5)
    axioms.check_axioms(library, request, events.append, CancelToken())
    assert len(asked) == 1
    assert events[-1].notes.count("the encoder is not here.") == 1 - had
    assert any(each.axiom == "STMC1" and each.agree + each.against for each in events[-1].agreements) == bool(had)


def test_differences_and_breakdowns(client: TestClient, stored: str) -> None:
    losses = differences(client, stored, system=2)
    assert list(losses.values) == sorted(losses.values)
    assert len(losses.qids) == 4
    rows = queries(client, stored, system=2, sort="difference").rows
    assert [row.query for row in rows] == list(losses.queries)
    assert [row.values[0] for row in rows] == list(losses.baseline_values)
    gains = differences(client, stored, system=2, descending=True)
    assert list(gains.values) == sorted(losses.values, reverse=True)
    first = differences(client, stored, system=2, match=rows[0].text)
    assert first.qids == (rows[0].qid,)
    found = {each.feature: each for each in ask(client, api.ReadBreakdowns(id=stored))}
    assert "rarity of the query's terms" in found
    assert sum(group.queries for group in found["query length"].groups) == 4
    for feature, breakdown in found.items():
        for number, group in enumerate(breakdown.groups):
            listed = queries(client, stored, feature=feature, group=number, limit=1)
            assert listed.matching == group.queries, (feature, group.label)
    assert ask(client, ReadMatrix()).measure == "nDCG@10"


@pytest.mark.parametrize(
    ("question", "asked", "said"),
    [
        pytest.param("ReadEvaluation", {"id": "nosuch"}, "no stored evaluation", id="evaluation"),
        pytest.param("ReadEvaluation", {"baseline": 9}, "no system 9", id="baseline"),
        pytest.param(
            "ReadEvaluation",
            {"test": "z"},
            "not understood: Invalid enum value 'z' - at `$.test`",
            id="significance test",
        ),
        pytest.param("ReadQueries", {"selection": {"sort": "colour"}}, "cannot be sorted", id="order"),
        pytest.param(
            "ReadQueries",
            {"limit": "many"},
            "not understood: Expected `int`, got `str` - at `$.limit`",
            id="limit that is no number",
        ),
        pytest.param("ReadQueries", {"limit": -1}, "not understood: Expected `int` >= 0", id="negative limit"),
        pytest.param("ReadQueries", {"selection": {"measure": "ERR"}}, "has no ERR", id="measure"),
        pytest.param("ReadQueries", {"selection": {"length": "a-b"}}, "write it as 3-8", id="range of letters"),
        pytest.param("ReadQueries", {"selection": {"outcome": "lost"}}, "no outcome 'lost'", id="outcome"),
        pytest.param(
            "ReadQueries", {"selection": {"feature": "colour"}}, "cannot be grouped by 'colour'", id="feature"
        ),
        pytest.param(
            "ReadQueries",
            {"selection": {"feature": "query length", "group": 9}},
            "no group 9 of 'query length'",
            id="group",
        ),
        pytest.param("ReadFates", {"query": 99}, "no query 99", id="query"),
        pytest.param(
            "ReadFates", {"query": "x"}, "Expected `int`, got `str` - at `$.query`", id="query that is no number"
        ),
        pytest.param("ReadFates", {}, "missing required field `query`", id="no query"),
    ],
)
def test_what_is_not_there_is_one_sentence(
    client: TestClient, stored: str, question: str, asked: dict[str, Any], said: str
) -> None:
    status, sentence = refused(client, question, **{"id": stored, **asked})
    assert status == 400
    assert said in sentence


def test_what_the_engine_does_not_know_is_one_sentence(client: TestClient) -> None:
    status, sentence = refused(client, "ReadMind", id="e")
    assert status == 404
    assert sentence == (
        "this engine knows no question 'ReadMind': it may be of another version than the program that asks."
    )
    assert client.post("/dream", content=b"{}").status_code == 404
    answer = client.post("/search", content=b"{}")
    assert answer.status_code == 400
    assert "missing required field `id`" in answer.json()["message"]


def test_deleting_and_stopping(client: TestClient, library: Library) -> None:
    events: list[Any] = []
    evaluate(library, EvaluateRequest(id="e", dataset="demo", systems=(BM25,), limit=1), events.append, CancelToken())
    id = events[-1].evaluation
    assert refused(client, StopEvaluation(id=id)) == (400, f"the evaluation {id} is not running.")
    ask(client, DeleteEvaluation(id=id))
    assert refused(client, DeleteEvaluation(id=id))[0] == 400


def test_the_command_line_from_a_run_file_to_a_report(library: Library, tmp_path: Path) -> None:
    def zsr_tui(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "zsr_tui.cli", "evaluate", "--dataset", "demo", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=600, env=dict(os.environ))

    ids = tmp_path / "ids.txt"
    ids.write_text("\n".join(query.id for query in library.corpus("demo").judged_queries()[:4]))
    runs = tmp_path / "runs"
    first = zsr_tui("--system", BM25, "--subset", str(ids), "--measure", "nDCG@10", "--run-dir", str(runs))
    assert first.returncode == 0, first.stderr
    (run,) = runs.glob("*.run")
    run = run.rename(run.with_name(f"={run.name}"))
    again = zsr_tui("--system", DENSE, "--run", str(run), "--baseline", run.name, "--subset", f"ids:{ids}",
                    "--measure", "nDCG@10", "--test", "randomisation", "--json",
                    "--report", str(tmp_path / "report.html"), "--report", str(tmp_path / "report.csv"))  # fmt: skip
    assert again.returncode == 0, again.stderr
    answer = json.loads(again.stdout)
    ours = next(line for line in first.stdout.splitlines() if line.startswith("bm25 "))
    theirs = answer["systems"][1]["means"]["nDCG@10"]
    assert f"{theirs:.4f}" in ours
    assert answer["evaluation"]["baseline"] == 1
    assert answer["evaluation"]["systems"][0]["cells"]["nDCG@10"]["p_holm"] <= 1
    assert "<html" in (tmp_path / "report.html").read_text()
    assert "fields of report.csv would be computed by a spreadsheet: --spreadsheet writes" in again.stderr
    assert "report.html would" not in again.stderr
    rows = list(csv.DictReader((tmp_path / "report.csv").open()))
    assert len(rows) == 2 * 4
    of_run = [float(row["nDCG@10"]) for row in rows if row["label"] == run.name]
    assert sum(of_run) / 4 == pytest.approx(theirs)
    finished = zsr_tui("--system", BM25, "--subset", str(ids), "--measure", "nDCG@10")
    assert "is finished and stored" in finished.stderr
    assert finished.stdout == first.stdout
    for wrong, said in (
        (("--system", BM25, "--report", "report.docx"), ".docx"),
        (("--system", BM25, "--run", str(tmp_path / "none.run")), "no run file"),
        (("--system", BM25, "--baseline", "dense(x)"), "none of the systems"),
        ((), "--system or --run"),
    ):
        refused = zsr_tui(*wrong)
        assert refused.returncode == 2, refused.stderr
        assert said in refused.stderr
        assert refused.stdout == ""


def test_rare_terms_have_a_high_idf_and_stop_words_none(library: Library) -> None:
    corpus = library.corpus("demo")
    index = library.bm25(corpus)
    assert index.idf("the of and, to.") == []
    common, rare, unknown = index.idf("water"), index.idf("homocysteine"), index.idf("zzyzzx")
    frequency = sum("water" in doc.content.lower() for doc in corpus.corpus.iter_docs())
    assert 0 < common[0] < unknown[0]
    assert rare == unknown or frequency > 1
    assert len(index.idf("cold water running water")) == 4
