"""Anserini's own REST server, and Pyserini's, over an index that Anserini's indexer made."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest

from tests.ports import unused_port
from tests.waiting import wait_for
from zsr_tui.api.event import Event
from zsr_tui.api.events import EvaluateFinished
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.domain import Doc, Problem
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store
from zsr_tui.pipeline import Served, parse
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.engines.anserini import Rest
from zsr_tui.retrieval.engines.calling import Calls
from zsr_tui.retrieval.engines.named import Engine
from zsr_tui.retrieval.engines.opening import Engines
from zsr_tui.retrieval.engines.records import Index
from zsr_tui.retrieval.java import anserini_jar, call, java_report, start_jvm
from zsr_tui.retrieval.prebuilt.lists import known

PREBUILT = "msmarco-v1-passage"  # that Pyserini's server begins with
DOCUMENTS = {
    "syrup": "sugar syrup for parfaits",
    "brittle": "sugar, sugar and again sugar: brittle is burnt sugar",
    "stew": 'salt "and" pepper \\ in a stew with tomatoes',
    "trains": "trains across the mountains in winter",
}


def answers(at: int, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the server ended"
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", at)) == 0


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An engine of each kind, as the notation has it."""
    cache = tmp_path_factory.mktemp("pyserini")
    one = known()[PREBUILT]
    folder = cache / "indexes" / f"{one.file.removesuffix('.tar.gz')}.{one.md5}"
    folder.parent.mkdir()
    start_jvm()
    from jnius import autoclass

    indexer = autoclass("io.anserini.index.SimpleIndexer")
    words = ["-input", "x", "-collection", "JsonCollection", "-index", str(folder), "-storeRaw"]
    writer = indexer(call(indexer, "parseArgs", words))
    for id, contents in DOCUMENTS.items():
        call(writer, "addRawDocument", json.dumps({"id": id, "contents": contents}))
    call(writer, "close")
    home = java_report().home
    ports = unused_port(), unused_port()
    environment = os.environ | {"PYSERINI_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}
    script = Path(__file__).with_name("pyserini_server.py")
    java = [f"{home}/bin/java", "-XX:TieredStopAtLevel=1", "-cp", str(anserini_jar()), "io.anserini.api.RestServer"]
    commands = [
        [*java, "--host", "127.0.0.1", "--port", str(ports[0])],
        [sys.executable, str(script), str(ports[1])],
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [subprocess.Popen(command, env=environment, cwd=cache, **quiet) for command in commands]
    try:
        for at, process in zip(ports, started, strict=True):
            wait_for(partial(answers, at, process), "the server listens")
        yield {
            "anserini": f'anserini("http://127.0.0.1:{ports[0]}/{quote(str(folder), safe="")}")',
            "pyserini": f"pyserini(http://127.0.0.1:{ports[1]}/v1/indexes/{PREBUILT})",
        }
    finally:
        for process in started:
            process.kill()
            process.wait()


def index_of(written: str) -> Index:
    step = parse(written)
    assert isinstance(step, Served)
    return Engines().open(step)


@pytest.mark.parametrize("kind", ["anserini", "pyserini"])
def test_what_the_real_server_finds_says_and_refuses(servers: dict[str, str], kind: str) -> None:
    index = index_of(servers[kind])
    lists = index.search(["sugar syrup", 'pepper "and" \\ salt & stew?', "nothing that is there"], 3, CancelToken())
    found = [[hit.doc_id for hit in each.hits] for each in lists]
    assert found == [["syrup", "brittle"], ["stew"], []]
    first, second = lists[0].hits
    assert (first.score or 0) > (second.score or 0) > 0
    assert index.documents([first], CancelToken()) == [Doc("syrup", "", DOCUMENTS["syrup"])]
    explained = index.explain("sugar syrup", "brittle", CancelToken())
    assert explained.score == second.score
    assert "explains no score" in explained.notes[0]
    assert ("packed" in index.state().about) == (kind == "pyserini")
    assert kind in index.hello().lower()
    refused, other = index.search(["", "sugar syrup"], 3, CancelToken())
    assert ([hit.doc_id for hit in refused.hits], len(other.hits)) == ([], 2)
    assert refused.refused
    assert not other.refused
    absent = index_of(servers[kind].replace(quote(PREBUILT, safe=""), "absent"))
    with pytest.raises(Problem, match=r"absent|Unable to open index") as caught:
        absent.search(["sugar"], 3, CancelToken())
    assert "\n" not in caught.value.message


def test_both_are_systems_of_an_evaluation(servers: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    rows = [json.dumps({"_id": id, "text": text}) for id, text in DOCUMENTS.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(rows))
    queries = {"q1": ("salt in a stew", "stew"), "q2": ("sugar", "syrup")}
    (tmp_path / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": id, "text": text}) for id, (text, _) in queries.items())
    )
    lines = [f"{id}\t{relevant}\t1" for id, (_, relevant) in queries.items()]
    (tmp_path / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *lines]))
    systems = (servers["anserini"], servers["pyserini"], f"{servers['anserini']} % 1")
    request = EvaluateRequest(id="e", dataset=str(tmp_path), systems=systems, measures=("RR@10",))
    events: list[Event] = []
    evaluate(Library(), request, events.append, CancelToken())
    finished = events[-1]
    assert isinstance(finished, EvaluateFinished)
    assert [each.means["RR@10"] for each in finished.results] == [0.75, 0.75, 0.5]
    notes = store.find(finished.evaluation).evaluation().notes
    assert any("does not say in which state its index is" in note for note in notes)
    assert any(f"saw {PREBUILT}, " in note for note in notes)


class Answering:
    """Calls that are answered with what is `told`; `asked` are their paths."""

    def __init__(self, engine: Engine, *told: Any) -> None:
        self.engine, self.told, self.asked = engine, list(told), list[str]()

    def ask(self, method: str, path: str, cancel: CancelToken, **body: Any) -> Any:
        self.asked.append(f"{method} {path}")
        return self.told.pop(0)


def rest(kind: str, *told: Any) -> tuple[Rest, Answering]:
    engine = Engine(kind, "x", "http://localhost:8080", "docs")
    calls = Answering(engine, *told)
    return Rest(engine, cast(Calls, calls)), calls


def test_as_many_documents_are_asked_for_as_are_wanted_and_their_texts_come_along() -> None:
    objects = [
        {"docid": "a", "score": 2, "doc": {"title": "T", "contents": "as an object"}},
        {"docid": "b", "score": True, "doc": '{"text": "as JSON"}'},
        {"docid": "c", "doc": "as it is"},
        {"docid": "d", "doc": 3},
    ]
    index, calls = rest("anserini", {"candidates": objects})
    (found,) = index.search(["x"], 20, CancelToken())
    assert calls.asked == ["GET /v1/docs/search?query=x&hits=20"]
    assert [(hit.doc_id, hit.score) for hit in found.hits] == [("a", 2.0), ("b", None), ("c", None), ("d", None)]
    documents = index.documents(found.hits, CancelToken())
    assert [(each.title, each.text) for each in documents] == [
        ("T", "as an object"), ("", "as JSON"), ("", "as it is"), ("", ""),
    ]  # fmt: skip


def test_a_document_that_is_not_in_its_list_has_no_score() -> None:
    index, _ = rest("pyserini", {"candidates": [{"docid": "a", "score": 2.0}]})
    found = index.explain("x", "b", CancelToken())
    assert (found.family, found.unit, found.score) == ("pyserini", "score", None)
    assert found.notes == (
        "Pyserini's REST server explains no score: bm25 explains that of an index of our own.",
        "It is not among the first 1,000 documents of its list.",
    )


def test_a_server_says_what_it_is() -> None:
    assert rest("pyserini", {"name": "Pyserini API", "version": "1.2"})[0].hello() == "Pyserini API 1.2"
    assert rest("pyserini", {"name": "Pyserini API"})[0].hello() == "Pyserini API"
    with pytest.raises(Problem, match="is no REST server of Pyserini: correct the address of x"):
        rest("pyserini", {"name": "another"})[0].hello()


def test_lists_of_both_are_the_same(servers: dict[str, str]) -> None:
    query = ["burnt sugar in winter"]
    first, second = (index_of(servers[kind]).search(query, 4, CancelToken())[0].hits for kind in servers)
    assert [hit.doc_id for hit in first] == [hit.doc_id for hit in second] == ["brittle", "trains", "syrup"]
    assert [hit.score for hit in first] == pytest.approx([hit.score for hit in second])
