"""One request: the pairs, both scorers on them, and what that says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from zsr_tui import caller
from zsr_tui.api.events import JobProgress
from zsr_tui.api.parity import ParityFound, ParityRequest
from zsr_tui.domain import Doc, Problem, Query, ScoredDoc
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.parity.choosing import Candidates, chosen
from zsr_tui.engine.parity.probing import probed
from zsr_tui.engine.parity.side import AT_ONCE, Side
from zsr_tui.engine.stream import Emit
from zsr_tui.evaluation.measures import measure_ranking
from zsr_tui.evaluation.naming import parse_measures
from zsr_tui.evaluation.parity import vectors
from zsr_tui.evaluation.parity.compared import Compared, compared, facts_of, found_in, usual_tolerance
from zsr_tui.evaluation.parity.observed import Inputs, Observed
from zsr_tui.parity import Finding, Pair, Parity, Read
from zsr_tui.pipeline import Bm25
from zsr_tui.progress import CancelToken, Meter, Progress
from zsr_tui.scoring.endpoints.address import parse as address_of
from zsr_tui.scoring.models import settings

MOST = 5_000  # pairs
NDCG = "nDCG@10"
WORST = 10  # pairs of which it is looked where they are cut


def hold_against(library: Library, request: ParityRequest, emit: Emit, cancel: CancelToken) -> None:
    """Emits the events of a comparison, in the order that zsr_tui.api.events describes."""

    def report(progress: Progress) -> None:
        emit(JobProgress(request=request.id, progress=progress))

    if request.tolerance is not None and not (math.isfinite(request.tolerance) and request.tolerance >= 0):
        raise Problem("the tolerance is a number, 0 or more.", usage=True)
    corpus = library.corpus(request.dataset)
    owner = caller.owner(f"{request.id} parity")
    a, b = (Side(library.scoring, written, cancel, owner) for written in (request.a, request.b))
    if a.model == b.model and not a.served:
        raise Problem(
            f"A and B are the same model with the same settings: say what is other about one, as in '{a.shorter}', its "
            "precision where it has several, or write another prompt into models.toml.",
            usage=True,
        )
    for side in (a, b):
        side.fetch(report)
    if a.encodes != b.encodes:
        kinds = ["an encoder" if side.encodes else "a reranker" for side in (a, b)]
        raise Problem(f"A is {kinds[0]} and B {kinds[1]}: their scores are not of one kind.", usage=True)
    candidates = _candidates(library, corpus, request)
    counts = [len(each.docs) for each in candidates]
    if sum(counts) > MOST:
        raise Problem(
            f"{sum(counts):,} pairs are more than {MOST:,}: take fewer --queries, or a lower --k.", usage=True
        )
    served = [side for side in (a, b) if side.served]
    if served and not request.spend:
        asks = sum(side.requests(counts) for side in served)
        hosts = tuple(dict.fromkeys(address_of(settings.split(side.model).model).host for side in served))
        emit(ParityFound(request=request.id, parity=None, asks=asks, texts=len(served) * sum(counts), hosts=hosts))
        return
    meter = Meter(report, f"{request.a} and {request.b} on {corpus.id}", 2 * sum(counts), "scores")
    work = _Work(corpus, request, (a, b), candidates, meter, cancel)
    emit(ParityFound(request=request.id, parity=work.parity()))


def _candidates(library: Library, corpus: OpenCorpus, request: ParityRequest) -> list[Candidates]:
    index, usual = library.bm25(corpus), Bm25()

    def search(query: Query, count: int) -> list[str]:
        return [scored.doc_id for scored in index.search(query.text, count, k1=usual.k1, b=usual.b)]

    found = chosen(corpus, search, request.queries, request.depth, request.seed)
    if not found:
        raise Problem(f"BM25 finds nothing for the queries of {corpus.id}: there are no pairs to score.")
    return found


Vectors = tuple[np.ndarray, np.ndarray]  # of the queries, and of each document once


@dataclass(slots=True)
class _Scored:
    """By a side: a score and whether its input was cut for each pair; the vectors that they come from."""

    scores: list[float]
    cut: list[bool]
    vectors: Vectors | None = None


class _Work:
    def __init__(
        self,
        corpus: OpenCorpus,
        request: ParityRequest,
        sides: tuple[Side, Side],
        candidates: Sequence[Candidates],
        meter: Meter,
        cancel: CancelToken,
    ) -> None:
        self._corpus, self._request, self._sides = corpus, request, sides
        self._candidates, self._meter, self._cancel = candidates, meter, cancel
        self._at = [(number, place) for number, each in enumerate(candidates) for place in range(len(each.docs))]

    def parity(self) -> Parity:
        a, b = self._sides
        scored = [self._encoded(side) if side.encodes else self._reranked(side) for side in (a, b)]
        reads = [self._read(side) for side in (a, b)]
        pairs = self._observed(scored, reads)
        precisions = [side.precision for side in (a, b)]
        tolerance, of = usual_tolerance([pair.a for pair in pairs], precisions)
        if self._request.tolerance is not None:
            tolerance, of = self._request.tolerance, "as given"
        done = compared(pairs, tolerance)
        told: list[Finding] = []
        overlap = None
        of_a, of_b = (each.vectors for each in scored)
        if of_a and of_b:
            overlap = vectors.overlap(of_a, of_b)
            told += () if done.equal else vectors.findings(of_a, of_b)
        if not done.equal:
            told += probed(done, (a, b), self._docs_of(done), self._request.seed)
        judged = sum(bool(self._corpus.judgments(each.query.id)) for each in self._candidates)
        return Parity(
            dataset=self._corpus.id,
            scorers=(a.about(), b.about()),
            queries=len(self._candidates),
            judged=judged,
            seed=self._request.seed,
            equal=done.equal,
            tolerance=tolerance,
            of=of,
            differing=self._differing(done, tolerance),
            largest=done.largest,
            median=done.median,
            tau=done.tau,
            ndcg=(self._ndcg([pair.a for pair in pairs]), self._ndcg([pair.b for pair in pairs])),
            lacking=done.scores.lacking,
            findings=tuple(found_in(done, pairs, told)),
            facts=() if done.equal else facts_of(done.left),
            pairs=self._with_cuts([self._pair(pair, done, at) for at, pair in enumerate(pairs)]),
            overlap=overlap,
        )

    def _reranked(self, side: Side) -> _Scored:
        found = _Scored([], [])
        for each in self._candidates:
            self._cancel.check()
            given = side.scores(each.query.text, [side.text(doc) for doc in each.docs])
            found.scores += [one.score for one in given]
            found.cut += [one.cut for one in given]
            self._meter.advance(len(given))
        return found

    def _encoded(self, side: Side) -> _Scored:
        queries = side.queries([each.query.text for each in self._candidates])
        docs = {doc.id: side.text(doc) for each in self._candidates for doc in each.docs}
        texts, before, rows = list(docs.values()), self._meter.done, []
        for start in range(0, len(texts), AT_ONCE):
            rows.append(side.documents(texts[start : start + AT_ONCE]))
            self._meter.update(before + len(self._at) * min(start + AT_ONCE, len(texts)) // len(texts))
        documents = np.concatenate(rows)
        place = {doc_id: at for at, doc_id in enumerate(docs)}
        scores = [
            float(queries[number] @ documents[place[self._candidates[number].docs[at].id]]) for number, at in self._at
        ]
        return _Scored(scores, [False] * len(scores), (queries, documents))

    def _read(self, side: Side) -> list[Inputs | None]:
        found: list[Inputs | None] = []
        for each in self._candidates:
            self._cancel.check()
            found += side.reads(each.query.text, [side.text(doc) for doc in each.docs])
        return found

    def _observed(self, scored: Sequence[_Scored], reads: Sequence[list[Inputs | None]]) -> list[Observed]:
        found = []
        for at, (number, place) in enumerate(self._at):
            query, doc = self._candidates[number].query, self._candidates[number].docs[place]
            cut = [
                None if side.served else each.cut[at] or any(one.cut for one in read[at] or ())
                for side, each, read in zip(self._sides, scored, reads, strict=True)
            ]
            found.append(
                Observed(
                    query=number,
                    place=place,
                    question=query.text,
                    title=doc.title,
                    text=self._sides[0].text(doc),
                    a=scored[0].scores[at],
                    b=scored[1].scores[at],
                    cut_a=cut[0],
                    cut_b=cut[1],
                    read_a=reads[0][at],
                    read_b=reads[1][at],
                )
            )
        return found

    def _docs_of(self, done: Compared) -> list[Doc]:
        return [self._candidates[pair.query].docs[pair.place] for pair in done.scores.pairs]

    @staticmethod
    def _differing(done: Compared, tolerance: float) -> int:
        """As the scores stand, without a map between them."""
        apart = int((np.abs(done.scores.b - done.scores.a) > tolerance).sum())
        return apart + sum(done.scores.lacking[:2])

    def _ndcg(self, scores: Sequence[float]) -> float | None:
        """Over the judged queries; a document without a score stands last."""
        values, at = [], 0
        for each in self._candidates:
            here = scores[at : at + len(each.docs)]
            at += len(each.docs)
            judgments = self._corpus.judgments(each.query.id)
            if not judgments:
                continue
            ranking = [
                ScoredDoc(doc.id, score if math.isfinite(score) else -math.inf)
                for doc, score in zip(each.docs, here, strict=True)
            ]
            ranking.sort(key=lambda one: -one.score)
            measured = measure_ranking(parse_measures((NDCG,)), self._corpus.by_document(ranking), judgments)
            values.append(measured[NDCG])
        return float(np.mean(values)) if values else None

    def _pair(self, pair: Observed, done: Compared, at: int) -> Pair:
        query, doc = self._candidates[pair.query].query, self._candidates[pair.query].docs[pair.place]
        reads = tuple(
            Read(tokens=_counts(read), cut=bool(cut))
            for read, cut in ((pair.read_a, pair.cut_a), (pair.read_b, pair.cut_b))
        )
        off = float(done.off[at])
        return Pair(
            qid=query.id,
            doc_id=doc.id,
            a=pair.a if math.isfinite(pair.a) else None,
            b=pair.b if math.isfinite(pair.b) else None,
            off=off if math.isfinite(off) else None,
            differs=bool(done.differs[at]),
            place=pair.place,
            characters=len(pair.text),
            read=(reads[0], reads[1]),
            grade=self._corpus.judgments(query.id).get(self._corpus.document_of(doc.id)),
        )

    def _with_cuts(self, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
        """Where those that are furthest off were cut."""
        places = sorted(
            (at for at, pair in enumerate(pairs) if pair.differs),
            key=lambda at: -abs(pairs[at].off or 0.0),
        )[:WORST]
        found = list(pairs)
        for at in places:
            number, place = self._at[at]
            query, doc = self._candidates[number].query, self._candidates[number].docs[place]
            reads = [
                Read(
                    tokens=read.tokens,
                    cut=read.cut,
                    cut_at=side.cut_at(query.text, side.text(doc)) if read.cut else None,
                )
                for side, read in zip(self._sides, pairs[at].read, strict=True)
            ]
            found[at] = replace(pairs[at], read=(reads[0], reads[1]))
        return tuple(found)


def _counts(read: Inputs | None) -> dict[str, int] | None:
    return None if read is None else dict(Counter(of for each in read for of in each.of))
