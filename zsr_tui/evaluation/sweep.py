"""A measure as a function of the weight of a fused pair, from the stored lists: nothing is retrieved or scored.

The best weight was chosen on the queries that it is measured on, so its value is too high. The cross-validated value is
honest: the queries are split in two halves by a hash of their ids, and each is measured with the weight that is best
on the other. What one weight for each query would give is the bound of everything that chooses weights by the query.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from zsr_tui import pipeline
from zsr_tui.domain import Problem, ScoredDoc
from zsr_tui.evaluation.comparison import member_mean
from zsr_tui.evaluation.measures import Graded, measure_lists
from zsr_tui.evaluation.naming import parse_measures
from zsr_tui.evaluation.results import Evaluation, RankedList
from zsr_tui.fusion import shares
from zsr_tui.pipeline import CANDIDATES, Linear, Rrf

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

WEIGHTS = tuple(step / 20 for step in range(21))  # of the first list; the second has the rest
SEED = "2022-06-09"  # any; fixed, so that the halves are the same everywhere
_TIE = 1e-9  # means that differ by less are equal: then the weight that is nearest to the middle is taken
_AT_ONCE = 50  # queries whose lists are in memory together


@dataclass(frozen=True, slots=True)
class Sweep:
    """`values` are the means by weight of the first list (`WEIGHTS`): at 1 it stands alone, at 0 the second one does.
    `best` is the place of the best weight. `crossed` is the cross-validated value, with the weights that were chosen on
    one half and the other; nan where a half has no query. `each` is the mean of each query's best value, `rrf` that of
    reciprocal rank fusion without weights. Over `queries`, those that both lists have."""

    fusion: Rrf | Linear
    parts: tuple[str, str]
    measure: str
    values: tuple[float, ...]
    best: int
    crossed: float
    chosen: tuple[float, float]
    each: float
    rrf: float
    queries: int

    @property
    def title(self) -> str:
        settings = str(self.fusion).removeprefix(str(type(self.fusion)(self.fusion.systems)))
        return f"{self.fusion.name}({', '.join(self.parts)})" + (f" {settings}" if settings.startswith("norm") else "")

    @property
    def weight(self) -> float:
        """The best one."""
        return WEIGHTS[self.best]

    @property
    def notation(self) -> str:
        """The system with the best weight."""
        return str(pipeline.reweighted(self.fusion, (self.weight, round(1 - self.weight, 2))))


def pairs(evaluation: Evaluation) -> list[Rrf | Linear]:
    """The fused pairs of its systems, once for each pair, way and norm; where nothing is fused, every two of its
    retrievers by score: their lists are there."""
    found: dict[str, Rrf | Linear] = {}
    for stage in evaluation.stages:
        fusion = _parsed(stage.notation) if stage.kind == "fuse" else None
        if isinstance(fusion, Rrf | Linear) and len(fusion.systems) == 2 and None not in _stages(evaluation, fusion):
            plain = pipeline.equally_weighted(fusion)
            found.setdefault(str(plain), plain)
    if not found:
        retrievers = [_parsed(stage.notation) for stage in evaluation.stages if stage.kind == "retrieve"]
        known = [each for each in retrievers if each is not None]
        found = {str(each): each for each in map(Linear, combinations(known, 2))}
    return list(found.values())


def find(evaluation: Evaluation, notation: str) -> Rrf | Linear:
    """The pair that is meant. Raises `Problem` where it is none, or its lists are not stored."""
    fusion = pipeline.uncut(pipeline.parse(notation))
    if not isinstance(fusion, Rrf | Linear) or len(fusion.systems) != 2:
        raise Problem(
            f"{notation} fuses no two systems: the weight of a pair is swept, as in linear(bm25, dense(model)).",
            usage=True,
        )
    for system, stage in zip(fusion.systems, _stages(evaluation, fusion), strict=True):
        if stage is None:
            raise Problem(f"the evaluation has no lists of {pipeline.uncut(system)}: add it as a system.", usage=True)
    return pipeline.equally_weighted(fusion)


def sweep(evaluation: Evaluation, fusion: Rrf | Linear, measure: str) -> Sweep:
    """Of a pair of `pairs` or `find`. Reads all lists of the two."""
    import numpy as np

    stages = [stage for stage in _stages(evaluation, fusion) if stage is not None]
    depths = [min(CANDIDATES, pipeline.cut_of(system)) for system in fusion.systems]
    parsed, count = parse_measures((measure,)), len(evaluation.queries)
    values = np.full((len(WEIGHTS) + 1, count), np.nan)  # the last row is rrf's
    for start in range(0, count, _AT_ONCE):
        graded: list[Graded] = []
        known = []
        for query in range(start, min(start + _AT_ONCE, count)):
            lists = evaluation.lists(query)
            if all(stage in lists.by_stage for stage in stages):
                known.append(query)
                two = [lists.by_stage[stage].first(depth) for stage, depth in zip(stages, depths, strict=True)]
                graded += _graded(fusion, two, lists.judgments, evaluation.provenance.depth)
        if known:
            values[:, known] = measure_lists(parsed, graded)[0].reshape(len(known), -1).T
    return _summed_up(evaluation, fusion, measure, values)


def _summed_up(evaluation: Evaluation, fusion: Rrf | Linear, measure: str, values: np.ndarray) -> Sweep:
    import numpy as np

    curve, everywhere = values[:-1], np.ones(values.shape[1], bool)
    half = np.array([_half(query.member, query.id) for query in evaluation.queries], bool)
    on = [_best(evaluation, measure, curve, mask) for mask in (half, ~half)]
    best = _best(evaluation, measure, curve, everywhere)
    crossed, chosen = float("nan"), (float("nan"), float("nan"))
    if None not in on and best is not None:
        on_half, on_other = (place or 0 for place in on)
        crossed = member_mean(evaluation, measure, np.where(half, curve[on_other], curve[on_half]))
        chosen = WEIGHTS[on_half], WEIGHTS[on_other]
    highest = np.where(np.isnan(curve).all(axis=0), np.nan, np.nanmax(np.nan_to_num(curve, nan=-np.inf), axis=0))
    first, second = (_name(evaluation, system) for system in fusion.systems)
    return Sweep(
        fusion=fusion,
        parts=(first, second),
        measure=measure,
        values=tuple(member_mean(evaluation, measure, row) for row in curve),
        best=best or 0,
        crossed=crossed,
        chosen=chosen,
        each=member_mean(evaluation, measure, highest),
        rrf=member_mean(evaluation, measure, values[-1]),
        queries=int((~np.isnan(curve)).any(axis=0).sum()),
    )


def _half(member: str, query_id: str) -> bool:
    return bool(hashlib.sha256(f"{SEED} {member} {query_id}".encode("utf-8", "replace")).digest()[0] & 1)


def _best(evaluation: Evaluation, measure: str, curve: np.ndarray, mask: np.ndarray) -> int | None:
    """The place of the best weight on these queries; None where none of them has a value."""
    import numpy as np

    means = [member_mean(evaluation, measure, np.where(mask, row, np.nan)) for row in curve]
    known = [place for place, mean in enumerate(means) if not np.isnan(mean)]
    if not known:
        return None
    highest = max(means[place] for place in known)
    equal = [place for place in known if means[place] >= highest - _TIE]
    return min(equal, key=lambda place: (abs(WEIGHTS[place] - 0.5), place))


def _graded(
    fusion: Rrf | Linear, two: Sequence[RankedList], judgments: Mapping[str, int], depth: int
) -> Iterator[Graded]:
    """The lists of a query, by weight, and rrf's: what `zsr_tui.fusion.fused` gives, of arrays."""
    import numpy as np

    lists = [[ScoredDoc(*pair) for pair in zip(ranked.doc_ids, ranked.scores.tolist(), strict=True)] for ranked in two]
    ids = sorted({doc.doc_id for ranking in lists for doc in ranking})  # equal sums stand by document id
    judged = [(place, judgments[doc_id]) for place, doc_id in enumerate(ids) if doc_id in judgments]
    unlisted = tuple(grade for doc_id, grade in judgments.items() if doc_id not in set(ids))

    def given(way: Rrf | Linear) -> list[np.ndarray]:
        both = [shares(way, ranking) for ranking in lists]
        return [np.array([each.listed.get(doc_id, each.missing) for doc_id in ids]) for each in both]

    def mixed(sums: np.ndarray) -> Graded:
        places = np.empty(len(ids), np.intp)
        places[np.argsort(-sums, kind="stable")] = np.arange(len(ids))
        placed: list[int | None] = [None] * min(depth, len(ids))
        below = []
        for at, grade in judged:
            if places[at] < depth:
                placed[places[at]] = grade
            else:
                below.append(grade)
        return Graded(tuple(placed), (*unlisted, *below))

    alone = [Graded.of(ranked.doc_ids[:depth], judgments) for ranked in two]
    first, second = given(fusion)
    for weight in WEIGHTS:
        if weight in (0, 1) or not (lists[0] and lists[1]):
            yield alone[0] if weight == 1 or (weight > 0 and lists[0]) else alone[1]
        else:
            yield mixed(weight * first + (1 - weight) * second)
    first, second = given(Rrf(fusion.systems))
    yield mixed(first + second)


def _stages(evaluation: Evaluation, fusion: Rrf | Linear) -> list[int | None]:
    """Where the lists of its systems are, before they are cut."""
    places = {stage.notation: place for place, stage in enumerate(evaluation.stages)}
    return [places.get(str(pipeline.uncut(system))) for system in fusion.systems]


def _name(evaluation: Evaluation, system: pipeline.System) -> str:
    """Its label, where it is one of the systems."""
    names = dict(zip((each.notation for each in evaluation.systems), evaluation.names, strict=True))
    return names.get(str(system), str(system))


def _parsed(notation: str) -> pipeline.System | None:
    """None for the lists of a query that was shortened, whose name is no notation."""
    try:
        return pipeline.parse(notation)
    except pipeline.NotationError:
        return None
