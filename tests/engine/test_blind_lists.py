"""Lists of an evaluation without names, and who wins of what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.engine.conftest import ask, refused
from tests.unit.evaluation.made_up import append, ranked, spec
from zsr_tui.api.blind import ReadTops, ReadWinRates
from zsr_tui.api.judging import KeepPreference, Preference
from zsr_tui.engine.app import create_app
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store
from zsr_tui.evaluation.results import EvaluatedQuery


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    return TestClient(create_app(Library()))


def test_the_stored_lists_come_with_what_their_rows_show(client: TestClient) -> None:
    corpus = Library().corpus("demo")
    query = corpus.judged_queries()[0]
    ids = [doc.id for doc in corpus.corpus.iter_docs()][:8]
    queries = [EvaluatedQuery(query.id, query.text, "demo", dict(corpus.judgments(query.id)))]
    stored = store.create(spec("e1", dataset="demo", members=("demo",)), queries)
    append(stored, 0, {0: ranked(*ids[:5]), 1: ranked(*ids[3:])})
    found = ask(client, ReadTops(id="e1", query=0, systems=(1, 0, 2), depth=3))
    assert found.lists == (tuple(ids[3:6]), tuple(ids[:3]), ())  # the third has not run
    assert found.heads.keys() == set(ids[:6])
    assert all(head.title and head.passage for head in found.heads.values())
    assert refused(client, ReadTops(id="e1", query=0, systems=(7,)))[0] == 400


def test_of_what_a_person_says_of_two_systems_on_a_query_the_last_counts(client: TestClient) -> None:
    def prefers(choice: str, query: str = "one", who: str = "ann", seed: int = 1, **sides: str) -> None:
        names = {"left": "bm25", "right": "dense(m)", **sides}
        preference = Preference(query_text=query, choice=choice, who=who, seed=seed, **names)  # type: ignore[arg-type]
        ask(client, KeepPreference(dataset="demo", preference=preference))

    assert ask(client, ReadWinRates(datasets=("demo",))) == ()
    prefers("left")
    prefers("left", left="dense(m)", right="bm25")  # the other way round, of the same query
    prefers("tie", who="bob")
    prefers("right", query="two", seed=2)
    prefers("right", query="two", seed=2, right="dense(other)")
    (both, other) = ask(client, ReadWinRates(datasets=("demo",)))
    assert (both.first, both.second, both.wins, both.ties, both.losses) == ("dense(m)", "bm25", 2, 1, 0)
    assert 0 < both.low < both.rate < both.high <= 1
    assert (other.first, other.second) == ("dense(other)", "bm25")
    (session,) = ask(client, ReadWinRates(datasets=("demo", "demo"), seed=1))
    assert (session.wins, session.ties, session.losses) == (1, 1, 0)
