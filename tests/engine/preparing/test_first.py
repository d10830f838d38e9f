"""Which documents are encoded before the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.unit.retrieval.made_up import MemoryCorpus, numbered
from zsr_tui.domain import Problem, Query
from zsr_tui.engine.library import OpenCorpus
from zsr_tui.engine.preparing.first import Firsts

ASKED, OWN, FREE = Query("1", "own"), Query("2", "other"), Query("", "free")


class Judged(MemoryCorpus):
    def queries(self) -> Sequence[Query]:
        return [ASKED, OWN]

    def judgments(self, qid: str) -> Mapping[str, int]:
        return {"1": {"low": 0, "high": 2}, "2": {"other": 1}}.get(qid, {})


def test_the_newest_query_comes_first_then_older_ones_then_the_judged() -> None:
    indexed = False

    def bm25(corpus: OpenCorpus, text: str, count: int) -> Sequence[str]:
        if not indexed:
            raise Problem("There is no BM25 index.")
        return [f"{text} by bm25"]

    corpus, firsts = OpenCorpus(Judged(numbered(3))), Firsts(bm25)
    firsts.asked(corpus, FREE)
    firsts.asked(corpus, ASKED)
    with firsts.encoding(corpus) as first:
        assert first.take(1) == ["high"]
        indexed = True
        firsts.asked(corpus, OWN)  # while it is encoded
        assert first.take(2) == ["other", "other by bm25"]
        assert first.take(9) == ["high", "low", "own by bm25", "free by bm25", "low"]
        assert first.take(9) == ["high", "low", "other"]
        assert first.take(9) == []
    firsts.asked(corpus, FREE)
    with firsts.encoding(corpus) as again:
        assert again.take(2) == ["free by bm25", "other"]
