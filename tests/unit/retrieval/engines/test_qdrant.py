"""Qdrant's own code in memory, in a folder and behind HTTP: its vectors, its similarities, its filters."""

from __future__ import annotations

import gzip
import itertools
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from tests.unit.retrieval.engines.qdrant_server import Served, serving
from tests.waiting import DEADLINE
from zsr_tui.domain import Problem
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.engines.named import Engine
from zsr_tui.retrieval.engines.qdrant import Qdrant
from zsr_tui.servers import receiving
from zsr_tui.servers.asking import Patience

qdrant_client = pytest.importorskip("qdrant_client")
models = qdrant_client.models

ENGINE = Engine("qdrant", "notes", "", "notes", id="note", title="head", text=("body",), model="a/b", vector="text")
_HOLDS = """
import sys
from qdrant_client import QdrantClient
client = QdrantClient(path=sys.argv[1])
print("open", flush=True)
sys.stdin.read()
client.close()
"""
VECTORS = np.array([[1, 0, 0], [0.8, 0.6, 0], [0, 1, 0], [0, 0, 1]], np.float32)


def filled(client: Any) -> Any:
    client.create_collection(
        "notes",
        vectors_config={"text": models.VectorParams(size=3, distance=models.Distance.COSINE)},
        sparse_vectors_config={"terms": models.SparseVectorParams()},
    )
    client.create_collection("empty", vectors_config=models.VectorParams(size=3, distance=models.Distance.DOT))
    client.create_collection("plain", vectors_config=models.VectorParams(size=3, distance=models.Distance.DOT))
    for name in ("notes", "plain"):
        points = []
        for number, vector in enumerate(VECTORS):
            terms = models.SparseVector(indices=[number, 9], values=[1.0, 0.5])
            points.append(
                models.PointStruct(
                    id=number if name == "plain" else str(UUID(int=number)),
                    vector=vector.tolist() if name == "plain" else {"text": vector.tolist(), "terms": terms},
                    payload={"note": f"n{number}", "head": f"Note {number}", "body": ["first", "second"], "extra": 3},
                )
            )
        client.upsert(name, points)
    return client


@pytest.fixture(scope="module")
def client() -> Any:
    return filled(qdrant_client.QdrantClient(":memory:"))


def found(index: Qdrant, query: Any, depth: int = 3) -> list[tuple[str, float]]:
    [one] = index.search([np.array(query, np.float32)], depth, CancelToken())
    return [(hit.doc_id, round(hit.score or 0.0, 4)) for hit in one.hits]


def test_dense_and_sparse_vectors_are_searched_in_the_collections_own_similarity(client: Any) -> None:
    dense = Qdrant(ENGINE, client=client)
    assert dense.kind == "dense"
    assert found(dense, [2, 0, 0], 2) == [("n0", 1.0), ("n1", 0.8)]
    several = dense.search(np.repeat(VECTORS[:1], 70, 0), 4, CancelToken())
    assert [len(each.hits) for each in several] == [4] * 70
    terms = Qdrant(replace(ENGINE, vector="terms"), client=client)
    assert terms.kind == "sparse"
    assert found(terms, [0, 2, 0, 0, 0, 0, 0, 0, 0, 1], 1) == [("n1", 2.5)]
    plain = Qdrant(replace(ENGINE, index="plain", vector="", id=""), client=client)
    assert found(plain, [2, 0, 0], 2) == [("0", 2.0), ("1", 1.6)]


def test_texts_explanations_and_state(client: Any) -> None:
    index = Qdrant(ENGINE, client=client)
    hits = index.search(VECTORS[:1], 2, CancelToken())[0].hits
    first, _ = index.documents(hits, CancelToken())
    assert (first.id, first.title, first.text) == ("n0", "Note 0", "first\nsecond")
    explained = index.explain(VECTORS[0], "n1", CancelToken())
    assert explained.score == explained.sum == pytest.approx(0.8)
    assert (explained.family, explained.unit) == ("qdrant", "Cosine")
    assert index.explain(VECTORS[0], "n99", CancelToken()).notes == ("The collection has no such document.",)
    plain = Qdrant(replace(ENGINE, index="plain", vector="", id=""), client=client)
    assert plain.explain(VECTORS[0], "1", CancelToken()).score == pytest.approx(0.8)
    assert index.state().about == "notes, 4 points"
    before = plain.state().digest
    client.upsert("plain", [models.PointStruct(id=7, vector=[1, 1, 1])])
    assert plain.state().digest != before
    client.delete("plain", [7])
    assert plain.state().digest == before


@pytest.mark.parametrize(
    ("changes", "query", "says"),
    [
        pytest.param({"vector": ""}, [1, 0, 0], r"has several vectors: .*There are: text, terms", id="which"),
        pytest.param({"vector": "image"}, [1, 0, 0], "has no vector 'image'", id="no such vector"),
        pytest.param({}, [1, 0], "2 dimensions and those of notes have 3: name the model", id="dimensions"),
        pytest.param({"id": "absent"}, [1, 0, 0], "has no id in its field 'absent'", id="no id"),
        pytest.param(
            {"index": "plane"}, [1, 0, 0], "no collection 'plane': .* There are: plain, notes, empty", id="collection"
        ),
        pytest.param({"index": "empty", "vector": ""}, [1, 0, 0], "empty at .* is empty: fill it", id="empty"),
    ],
)
def test_what_cannot_be_searched(client: Any, changes: dict[str, str], query: list[float], says: str) -> None:
    with pytest.raises(Problem, match=says) as caught:
        found(Qdrant(replace(ENGINE, **changes), client=client), query)
    assert caught.value.usage == (changes.get("index") != "empty")


def test_a_folder_is_opened_as_it_is_and_by_one_program(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="needs a model that encodes the queries"):
        Qdrant(replace(ENGINE, model=""))
    with pytest.raises(Problem, match="is no folder: correct its address"):
        Qdrant(replace(ENGINE, folder=tmp_path / "none"))
    filled(qdrant_client.QdrantClient(path=str(tmp_path))).close()
    other = subprocess.Popen([sys.executable, "-c", _HOLDS, str(tmp_path)], stdin=PIPE, stdout=PIPE)
    assert other.stdout
    with other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(Problem, match="another program has it, and a local Qdrant is for one at a time"):
            Qdrant(replace(ENGINE, folder=tmp_path))
        other.communicate()
    assert found(Qdrant(replace(ENGINE, folder=tmp_path)), [1, 0, 0], 1) == [("n0", 1.0)]


def test_all_systems_of_a_folder_have_it_open_once_until_the_last_is_gone(tmp_path: Path) -> None:
    filled(qdrant_client.QdrantClient(path=str(tmp_path))).close()
    (tmp_path / "way").symlink_to(".")
    dense = Qdrant(replace(ENGINE, folder=tmp_path))
    terms = Qdrant(replace(ENGINE, name="other", vector="terms", folder=tmp_path / "way"))
    assert found(dense, [1, 0, 0], 1) == [("n0", 1.0)]
    del dense
    assert found(terms, [0, 2, 0], 1) == [("n1", 2.0)]
    with pytest.raises(RuntimeError, match="already accessed"):
        qdrant_client.QdrantClient(path=str(tmp_path))
    del terms
    qdrant_client.QdrantClient(path=str(tmp_path)).close()


@pytest.mark.parametrize("mark", [None, "[]", "{}", "{"], ids=["none", "a list", "of others", "no JSON"])
def test_a_folder_that_is_no_local_qdrant_is_left_as_it_is(tmp_path: Path, mark: str | None) -> None:
    if mark is not None:
        (tmp_path / "meta.json").write_text(mark)
    with pytest.raises(Problem, match=r"is no local Qdrant .* a folder that QdrantClient\(path=\.\.\.\)") as caught:
        Qdrant(replace(ENGINE, folder=tmp_path))
    assert caught.value.usage
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == ({"meta.json": mark} if mark else {})


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        pytest.param('{"collections": {"a": {"vectors": 3}}, "aliases": {}}', "it is damaged, or of", id="damaged"),
        pytest.param(None, "locked by a file in its folder", id="read-only"),
    ],
)
def test_a_local_qdrant_that_cannot_be_opened(tmp_path: Path, damage: str | None, says: str) -> None:
    filled(qdrant_client.QdrantClient(path=str(tmp_path))).close()
    if damage:
        (tmp_path / "meta.json").write_text(damage)
    else:
        (tmp_path / ".lock").unlink()
        (tmp_path / ".lock").mkdir()
    with pytest.raises(Problem, match=says):
        Qdrant(replace(ENGINE, folder=tmp_path))


def test_a_server_that_is_busy_is_waited_for_and_one_that_is_not_there_is_said_to_be() -> None:
    from httpx import Headers
    from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
    from qdrant_client.http.exceptions import UnexpectedResponse

    naps: list[float] = []
    index = Qdrant(
        replace(ENGINE, base="http://127.0.0.1:9"), Patience(attempts=3, first_s=0.001), naps.append, client=object()
    )
    answers: list[Any] = [
        ResourceExhaustedResponse("", 1),
        UnexpectedResponse(503, "", b"", Headers()),
        UnexpectedResponse(400, "Bad", b'{"status": {"error": "Wrong input: no vector"}}', Headers()),
    ]

    def ask() -> None:
        raise answers.pop(0)

    with pytest.raises(Problem, match=r"127.0.0.1:9 refuses the search \(status 400\): Wrong input: no vector\.$"):
        index._patiently(ask, CancelToken())
    assert sum(naps) == pytest.approx(1.0, abs=0.11)
    nowhere = Qdrant(replace(ENGINE, base="http://127.0.0.1:9"), Patience(attempts=1))
    with pytest.raises(Problem, match=r"^nothing answers at http://127\.0\.0\.1:9: start the server, or correct the"):
        nowhere.state()


@pytest.fixture(scope="module")
def served(client: Any) -> Iterator[Served]:
    with serving(client) as found:
        yield found


def test_over_http_it_finds_explains_and_reads_the_same_and_sends_its_key(
    client: Any, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDRANT_KEY", "secret")
    here = Qdrant(ENGINE, client=client)
    there = Qdrant(replace(ENGINE, base=served.url, headers=(("api-key", "QDRANT_KEY"),)))
    queries, cancel = VECTORS[[0, 2, 3]], CancelToken()
    lists = there.search(queries, 3, cancel)
    assert lists == here.search(queries, 3, cancel)
    assert there.documents(lists[0].hits, cancel) == here.documents(lists[0].hits, cancel)
    assert there.explain(VECTORS[0], "n1", cancel) == here.explain(VECTORS[0], "n1", cancel)
    assert there.state() == here.state()
    assert {headers["api-key"] for _, _, headers in served.log} == {"secret"}


def _slowly(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    return body if path == "/collections/notes" else b" " * 100_000 + body


def _packed(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    headers["Content-Encoding"] = "gzip"
    return gzip.compress(body)


def test_its_answers_are_bounded_and_a_part_of_the_queries_is_asked_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Qdrant(replace(ENGINE, base=served.url))
    whole = there.search(VECTORS, 4, CancelToken())
    monkeypatch.setattr(receiving, "LARGEST", 1500)
    served.log.clear()
    assert there.search(VECTORS, 4, CancelToken()) == whole
    assert len(served.log) == 3  # four queries, and two times two
    hits = whole[0].hits
    assert [doc.id for doc in there.documents(hits * 3, CancelToken())] == [hit.doc_id for hit in hits * 3]
    monkeypatch.setattr(receiving, "LARGEST", 100)
    with pytest.raises(Problem, match=r"^127\.0\.0\.1:\d+ gave an answer of more than .* MB: ask for fewer documents"):
        there.search(VECTORS[:1], 4, CancelToken())


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param(_packed, "sends a compressed answer, which was not asked for", id="compressed"),
        pytest.param(_slowly, "no whole answer in 60 seconds: .* set ZSR_TUI_ENDPOINT_TIMEOUT to", id="drop by drop"),
    ],
)
def test_an_answer_that_could_grow_or_never_end_is_refused(
    served: Served, monkeypatch: pytest.MonkeyPatch, spoil: Any, says: str
) -> None:
    monkeypatch.setenv("ZSR_TUI_ENDPOINT_TIMEOUT", "60")
    there = Qdrant(replace(ENGINE, base=served.url), Patience(attempts=1))
    assert there.kind == "dense"
    clock = itertools.count(step=40)
    monkeypatch.setattr(receiving, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(served, "spoil", spoil)
    with pytest.raises(Problem, match=says):
        there.search(VECTORS[:1], 1, CancelToken())


def test_one_that_does_not_answer_holds_up_no_other(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered, collection = threading.Event(), threading.Event(), Qdrant._collection
    slow, quick = Qdrant(ENGINE, client=client), Qdrant(ENGINE, client=client)

    def held(index: Qdrant) -> Any:
        if index is slow:
            asked.set()
            answered.wait()
        return collection(index)

    monkeypatch.setattr(Qdrant, "_collection", held)
    waiting = threading.Thread(target=lambda: slow.kind)
    waiting.start()
    asked.wait()
    kinds: list[str] = []
    other = threading.Thread(target=lambda: kinds.append(quick.kind))
    other.start()
    other.join(DEADLINE)
    answered.set()
    assert kinds == ["dense"]
    waiting.join()
