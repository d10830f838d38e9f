"""Fused lists with other weights. The lists inside a fusion are kept for the last search of a pane, so nothing is
retrieved or scored again; a screen that kept them itself would get ten times the rows with every search."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zsr_tui import caller, pipeline
from zsr_tui.api.requests import DEFAULT_MEASURES
from zsr_tui.api.weights import BestWeight, FindBestWeight, Reweigh, Reweighed
from zsr_tui.domain import Problem, ScoredDoc
from zsr_tui.engine.systems import head, with_weights
from zsr_tui.fusion import fused

if TYPE_CHECKING:
    from zsr_tui.api.events import DocHead
    from zsr_tui.api.requests import SystemHead
    from zsr_tui.engine.library import OpenCorpus
    from zsr_tui.engine.sending import Outgoing

_TIE = 1e-9  # values that differ by less are equal
PANES = 8  # of each caller, whose last search is kept: at most 2 MB each, of five systems with three lists of 1,000


@dataclass(frozen=True, slots=True)
class _Kept:
    """The lists of a fused system (with its cuts) for a query."""

    head: SystemHead
    system: pipeline.System
    lists: Sequence[Sequence[ScoredDoc]]

    def ranking(self, weights: Sequence[float], depth: int) -> list[ScoredDoc]:
        """With these weights."""
        system = pipeline.reweighted(self.system, weights)
        fusion = pipeline.uncut(system)
        assert isinstance(fusion, pipeline.Rrf | pipeline.Linear)
        return fused(fusion, self.lists)[: min(depth, pipeline.cut_of(system))]


@dataclass(frozen=True, slots=True)
class _Search:
    """`heads` are those that were asked for since; a step of a slider brings few new documents."""

    out: Outgoing
    systems: dict[int, _Kept] = field(default_factory=dict)
    heads: dict[str, DocHead] = field(default_factory=dict)

    def heads_of(self, ids: Sequence[str]) -> dict[str, DocHead]:
        """Of those that the search has not sent; an answer may get lost, so these are sent again."""
        self.heads.update(self.out.heads_left(doc_id for doc_id in ids if doc_id not in self.heads))
        return {doc_id: self.heads[doc_id] for doc_id in ids if doc_id in self.heads}


class FusedLists:
    """Thread-safe."""

    def __init__(self) -> None:
        self._by_pane: dict[tuple[str, str], _Search] = {}  # by the caller's name, too; the last search at the end
        self._lock = threading.Lock()

    def keep(self, out: Outgoing, index: int, system: pipeline.System) -> None:
        """What a system of a search fused, where its list is a fused one and somebody may ask for it."""
        fusion, name, pane = pipeline.uncut(system), caller.current().name, out.request.pane
        if not isinstance(fusion, pipeline.Rrf | pipeline.Linear) or not pane:
            return
        lists = [
            out.runner.run(inside, [out.query], pipeline.CANDIDATES)[0] for inside in fusion.systems
        ]  # done before
        with self._lock:
            search = self._by_pane.pop((name, pane), None)
            if search is None or search.out is not out:
                search = _Search(out)
            search.systems[index] = _Kept(head(str(system)), system, lists)
            self._by_pane[name, pane] = search
            mine = [key for key in self._by_pane if key[0] == name]
            for key in mine[:-PANES]:
                del self._by_pane[key]

    def reweighed(self, asked: Reweigh) -> Reweighed:
        """Raises `Problem` for a search that is not kept, and for other than a positive weight for each list."""
        from zsr_tui.engine.sending import ties

        search, kept = self._kept(asked)
        out, system = search.out, pipeline.reweighted(kept.system, asked.weights)
        ranking = kept.ranking(asked.weights, out.request.depth)
        return Reweighed(
            system=with_weights(kept.head, system),
            rows=tuple(out.row(each.doc_id, each.score) for each in ranking),
            heads=search.heads_of([each.doc_id for each in ranking]),
            measures=out.values(str(system), ranking),
            ties=ties(ranking),
        )

    def best(
        self, asked: FindBestWeight, counted: Callable[[OpenCorpus], Mapping[str, int]] | None = None
    ) -> BestWeight | None:
        """Over the judgments that are `counted`, or those of the search. Raises `Problem` as `reweighed`, and for a
        part that the fusion does not have."""
        from zsr_tui.evaluation.measures import Graded, measure_lists
        from zsr_tui.evaluation.naming import parse_measures

        search, kept = self._kept(asked)
        if asked.part >= len(kept.lists):
            raise Problem(f"{kept.system} fuses {len(kept.lists)} lists.", usage=True)
        judgments = search.out.judgments if counted is None else counted(search.out.corpus)
        depth = search.out.request.depth
        if not judgments:
            return None
        every = range(1, 102 - len(kept.lists))  # hundredths; each of the others keeps one
        rankings = [kept.ranking(_with_share(asked.weights, asked.part, share / 100), depth) for share in every]
        graded = [
            Graded.of((each.doc_id for each in search.out.corpus.by_document(ranking)), judgments)
            for ranking in rankings
        ]
        [values] = measure_lists(parse_measures(DEFAULT_MEASURES[:1]), graded).tolist()
        now = 100 * asked.weights[asked.part] / sum(asked.weights)
        value = max(values)
        best = [share for share, each in enumerate(values, start=1) if each > value - _TIE]
        nearest = low = high = min(best, key=lambda share: abs(share - now))
        while low - 1 in best:
            low -= 1
        while high + 1 in best:
            high += 1
        return BestWeight(
            measure=DEFAULT_MEASURES[0],
            value=value,
            share=nearest / 100,
            low=low / 100,
            high=high / 100,
            elsewhere=len(best) > high - low + 1,
        )

    def _kept(self, asked: Reweigh | FindBestWeight) -> tuple[_Search, _Kept]:
        with self._lock:
            search = self._by_pane.get((caller.current().name, asked.pane))
            kept = search.systems.get(asked.system) if search and search.out.request.id == asked.search else None
        if search is None or kept is None:
            raise Problem("the lists inside this fusion are not kept any more: run the query again, then weigh them.")
        if len(asked.weights) != len(kept.lists) or not all(weight > 0 for weight in asked.weights):
            raise Problem(f"{kept.system} takes {len(kept.lists)} weights above 0.", usage=True)
        return search, kept


def _with_share(weights: Sequence[float], part: int, share: float) -> list[float]:
    """Of the part; the others keep their proportions."""
    rest = sum(weights) - weights[part]
    return [share if place == part else each * (1 - share) / rest for place, each in enumerate(weights)]
