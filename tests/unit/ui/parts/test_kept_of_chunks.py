"""What is judged of a document holds for its chunks."""

from __future__ import annotations

from zsr_tui.api.judging import Judgment, Kept, Scale
from zsr_tui.api.notes import KeptOfQuery
from zsr_tui.ui.parts.judging.state import QueryKept


def kept(grade: int) -> Kept:
    return Kept(revision=grade, judgment=Judgment(query_id="1", doc_id="a.md", grade=grade))


def of(*, chunked: bool) -> QueryKept:
    scale = Scale(lowest=0, highest=3, judged=True)
    return QueryKept.of("1", "", KeptOfQuery(judgments=(kept(2),), remarks=(), scale=scale, chunked=chunked))


def test_a_chunk_has_the_grade_of_its_document() -> None:
    chunks, whole = of(chunked=True), of(chunked=False)
    assert [chunks.grade(doc_id, "own") for doc_id in ("a.md#1", "a.md#2", "a.md", "b.md#1")] == [2, 2, 2, None]
    assert ("a.md#7" in chunks.own, "a.md#7" in whole.own, "b.md#1" in chunks.own) == (True, False, False)
    assert whole.grade("a.md#1", "own") is None


def test_a_judged_chunk_is_its_document_judged() -> None:
    judged = of(chunked=True).with_own("a.md#2", kept(3))
    assert (judged.grade("a.md#1", "own"), dict(judged.own)) == (3, {"a.md": kept(3)})
    assert not judged.with_own("a.md#1", None).own
