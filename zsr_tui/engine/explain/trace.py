"""Runs the stages of a system and sees where one document is in each; where it is in none, it is scored on demand."""

from __future__ import annotations

from zsr_tui.domain import Doc, Query, ScoredDoc
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.runner import Runner, retrieval_queries
from zsr_tui.explain import bm25
from zsr_tui.explain.lineage import ITSELF, NO_TERM, NOT_ENCODED, NOT_FOUND, NOT_THERE, PASSED_OVER, Reached
from zsr_tui.pipeline import CANDIDATES, Bm25, Cut, Dense, Linear, Rerank, Rrf, Served, Sparse, System
from zsr_tui.progress import CancelToken


class Trace:
    """`reached` grows with every stage; `ranking` of a stage by its place there."""

    def __init__(
        self, library: Library, corpus: OpenCorpus, runner: Runner, doc: Doc, cancel: CancelToken, *, owner: str
    ) -> None:
        self._library, self._corpus, self._runner, self._doc = library, corpus, runner, doc
        self._cancel, self._owner = cancel, owner
        self.reached: list[Reached] = []

    def run(self, system: System, query: Query, kept: int | None = None) -> int:
        """All stages of `system`, of whose list the first `kept` go on; the place of its last one."""
        self._cancel.check()
        match system:
            case Cut(source, depth):
                return self.run(source, query, depth if kept is None else min(kept, depth))
            case Bm25() | Dense() | Sparse() | Served():
                return self._add(self._retrieved(system, query, kept))
            case Rrf(systems) | Linear(systems):
                before = tuple(self.run(inside, query, CANDIDATES) for inside in systems)
                return self._add(self._fused(system, query, kept, before))
            case Rerank(source, model):
                (first,) = retrieval_queries(source, model, [query])
                before = (self.run(source, first, CANDIDATES),)
                return self._add(self._reranked(system, query, kept, before))
        raise TypeError(system)

    def _add(self, reached: Reached) -> int:
        self.reached.append(reached)
        return len(self.reached) - 1

    def _retrieved(self, step: Bm25 | Dense | Sparse | Served, query: Query, kept: int | None) -> Reached:
        (ranking,) = self._runner.run(step, [query], CANDIDATES)
        alone, stopped = None, ""
        if all(each.doc_id != self._doc.id for each in ranking):
            there = isinstance(step, Served) or bool(self._corpus.corpus.docs([self._doc.id]))
            alone = self._place(step, query) if there else None
            if (str(step), query.id) in self._runner.dropped and self._corpus.self_hit(query.id) == self._doc.id:
                stopped = ITSELF
            elif not there:
                stopped = NOT_THERE
            elif alone is None and isinstance(step, Served):
                stopped = NOT_FOUND
            elif alone is not None and alone[0] == 0.0 and isinstance(step, Bm25 | Sparse):
                stopped = NO_TERM
            elif alone is None and str(step) in self._runner.partly:
                stopped = NOT_ENCODED
            elif alone is not None and alone[1] <= len(ranking) and str(step) in self._runner.approximations:
                stopped = PASSED_OVER
        return Reached(stage=str(step), kind="retrieve", ranking=ranking, kept=kept, alone=alone, stopped=stopped)

    def _place(self, step: Bm25 | Dense | Sparse | Served, query: Query) -> tuple[float, int, bool] | None:
        """Score, rank, and whether the rank is only the least that it can be."""
        if isinstance(step, Bm25):
            index = self._library.bm25(self._corpus, step.index, step.language)
            score = bm25.explain(index, query.text, self._doc, k1=step.k1, b=step.b).score or 0.0
            rank, at_least = bm25.place(index, query.text, self._doc.id, score, k1=step.k1, b=step.b)
            return score, rank, at_least
        if isinstance(step, Served):
            return self._served(step, query)
        encoder = self._library.scoring.encoder(step.model, step.kind, cancel=self._cancel, owner=self._owner)
        (vector,) = encoder.encode_queries([query.text], self._cancel)
        found = self._runner.index(step).place(vector, self._doc.id)
        return None if found is None else (*found, False)

    def _served(self, step: Served, query: Query) -> tuple[float, int, bool] | None:
        """By another engine, of which no more is known than that it stands below the list."""
        from zsr_tui.engine.served import ServedLists

        lists = ServedLists(self._library, self._corpus, step, self._cancel, self._owner)
        score = lists.explain(query.text, self._doc.id).score
        return None if score is None else (score, CANDIDATES + 1, True)

    def _fused(self, system: Rrf | Linear, query: Query, kept: int | None, before: tuple[int, ...]) -> Reached:
        (ranking,) = self._runner.run(system, [query], CANDIDATES)
        return Reached(stage=str(system), kind="fuse", ranking=ranking, kept=kept, before=before)

    def _reranked(self, system: Rerank, query: Query, kept: int | None, before: tuple[int, ...]) -> Reached:
        (candidates,) = self._runner.candidates(system.source, system.model, [query])
        ids = [each.doc_id for each in candidates]
        found = self._runner.rerank(system.model, query, ids)
        ranking, alone, stopped = found.ranking(), None, ""
        if self._doc.id in found.broken:
            stopped = "the model gives it no finite number"
        elif self._doc.id not in found.scores:
            alone = self._scored(system.model, query, ranking)
        return Reached(
            stage=str(system), kind="rerank", ranking=ranking, kept=kept, before=before, alone=alone, stopped=stopped
        )

    def _scored(self, model: str, query: Query, ranking: list[ScoredDoc]) -> tuple[float, int, bool] | None:
        """By a reranker that never got it; None from one that compares documents with each other, and where the
        number is not finite."""
        from zsr_tui.scoring.models import catalogue, families

        if catalogue.describe(model).family in families.COMPARING:
            return None
        scores = self._runner.rerank(model, query, [self._doc.id]).scores
        if self._doc.id not in scores:
            return None
        score = scores[self._doc.id]
        return score, 1 + sum(each.score > score for each in ranking), False
