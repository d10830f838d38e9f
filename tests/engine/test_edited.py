"""A document with another text, as each kind of system scores it."""

from __future__ import annotations

import pytest

from tests.engine.conftest import BM25, DENSE, RERANKED
from zsr_tui.api.edited import ScoreEdited
from zsr_tui.domain import Problem
from zsr_tui.engine.edited import LONGEST_TEXT, score_edited
from zsr_tui.engine.library import Library

FUSED = f"rrf({BM25}, {DENSE})"


def test_each_system_scores_the_edited_text_beside_the_document_as_it_is(library: Library) -> None:
    corpus = library.corpus("demo")
    query, doc_id = corpus.queries[0].text, "cooking-03"
    asked = ScoreEdited(
        dataset="demo",
        doc_id=doc_id,
        text=query,
        query=query,
        systems=(BM25, DENSE, f"{RERANKED} % 5", FUSED, "anserini(http://127.0.0.1:9/x)", "bm25 %"),
    )
    bm25, dense, reranked, fused, elsewhere, wrong = score_edited(library, asked)
    found = library.bm25(corpus).search(query, 10, k1=0.9, b=0.4)
    assert bm25.before == pytest.approx(next(each.score for each in found if each.doc_id == doc_id), abs=1e-4)
    for scored in (bm25, dense, reranked):
        assert scored.before is not None
        assert scored.after is not None
        assert scored.after > scored.before  # it says what was asked
        assert not scored.why_not
    assert (bm25.given, dense.given, reranked.given) == (False, False, True)
    assert (fused.before, fused.after) == (None, None)
    assert "depends on the other documents" in fused.why_not
    assert elsewhere.why_not == "another engine scores the documents that it has, and no others"
    assert wrong.why_not
    assert corpus.docs([doc_id])[doc_id].text != query


def test_a_document_that_is_not_there_and_a_text_without_end_are_refused(library: Library) -> None:
    asked = ScoreEdited(dataset="demo", doc_id="nobody", text="a", query="b", systems=(BM25,))
    with pytest.raises(Problem, match="demo has no document 'nobody'"):
        score_edited(library, asked)
    asked = ScoreEdited(dataset="demo", doc_id="cooking-03", text="a" * (LONGEST_TEXT + 1), query="b", systems=(BM25,))
    with pytest.raises(Problem, match="the limit is 1,000,000"):
        score_edited(library, asked)
