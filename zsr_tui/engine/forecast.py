"""How long a job will take, said before it has taken long: from a measurement of this machine, or of the job's own
first documents or queries. Nothing is assumed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from zsr_tui import numerals
from zsr_tui.domain import Corpus, Query
from zsr_tui.progress import CancelToken, Forecast, Progress, Report
from zsr_tui.scoring.measuring import speeds
from zsr_tui.scoring.measuring.speeds import Speed
from zsr_tui.scoring.queue.work import PairScoring, Scoring

if TYPE_CHECKING:
    from zsr_tui.scoring.service import ScoringService

LONG_SECONDS = 600.0  # what takes less is not said
MEASURED, MEASURED_SECONDS = 64, 10.0  # documents or queries of a job's own work, and seconds, at least
PATIENCE_SECONDS = 60.0  # after which fewer of them will do
SAMPLE = 200  # documents whose tokens are counted
ASKED = 8  # queries that they are paired with


@dataclass(frozen=True, slots=True)
class Known:
    """`rate` in documents a second, and the measurement that it comes from, in words."""

    rate: float
    rests_on: str


class Forecasting:
    """A report that puts a forecast to what it hears, once there is one of a long job. `what` is done in words, `where`
    is asked when it is known; `known` is a rate from before."""

    def __init__(
        self,
        report: Report,
        what: str,
        where: Callable[[], str],
        known: Known | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report, self._what, self._where, self._known, self._clock = report, what, where, known, clock
        self._start: int | None = None  # what an earlier run has done
        self._first: tuple[int, float] | None = None
        self._forecast: Forecast | None = None

    def __call__(self, progress: Progress) -> None:
        if self._forecast is None and progress.unit and progress.total is not None:
            self._look(progress, progress.total)
        self._report(progress if self._forecast is None else replace(progress, forecast=self._forecast))

    def _look(self, progress: Progress, total: int) -> None:
        if self._start is None:
            self._start = progress.done
        rate, self._known = self._known or self._measured(progress), None
        if rate is None:
            return
        left = total - progress.done
        if left / rate.rate >= LONG_SECONDS:  # what is short now may prove long
            seconds, said = left / rate.rate, numerals.rate(rate.rate, progress.unit)
            self._forecast = Forecast(self._what, left, progress.unit, self._where(), seconds, said, rate.rests_on)

    def _measured(self, progress: Progress) -> Known | None:
        """Of what follows the first that is done: that one also waits for what is loaded."""
        now = self._clock()
        if self._first is None:
            if progress.done > (self._start or 0):
                self._first = progress.done, now
            return None
        count, seconds = progress.done - self._first[0], now - self._first[1]
        if not count or seconds < (MEASURED_SECONDS if count >= MEASURED else PATIENCE_SECONDS):
            return None
        return Known(count / seconds, f"measured on {count:,} {progress.unit} of this job in {seconds:.0f} s")


def encoding(scoring: ScoringService, model: str, corpus: Corpus, cancel: CancelToken) -> Known | None:
    """From the figure of `zsr-tui bench` for this machine, and the tokens of the corpus' first documents; None where
    there is no such figure. Loads the model, which the job does anyway."""
    if scoring.fleet.elsewhere or (speed := speeds.known(scoring.fingerprint(model), scoring.place(model))) is None:
        return None
    texts = scoring.document_texts(model, islice(corpus.iter_docs(), SAMPLE))
    if not texts:
        return None
    lengths = scoring.examine(
        model, lambda scorer: [each.tokens for each in scorer.prepare(texts, "document")], cancel=cancel
    )
    tokens, cards = sum(lengths) / len(lengths), scoring.cards(model)
    return Known(
        speed.tokens_per_second * cards / tokens,
        f"{_figure(speed, cards)}; {tokens:.0f} tokens a document, counted in the first {len(texts):,}",
    )


@dataclass(frozen=True, slots=True)
class Reranked:
    """By a model for each query: `pairs` of it and a document, or where the model `compares`, of two documents."""

    model: str
    pairs: int
    compares: bool = False


def evaluating(
    scoring: ScoringService,
    work: Sequence[Reranked],
    queries: Sequence[Query],
    corpus: Corpus,
    cancel: CancelToken,
    on_load: Callable[[str], None] | None = None,
) -> Known | None:
    """In queries a second, from the figures of `zsr-tui bench` for all models that rerank, and the tokens of pairs of
    the first queries and documents; None where nothing reranks, or one has no figure. First stages are not counted.
    Loads the models, which the job does anyway."""
    if scoring.fleet.elsewhere or not work:
        return None
    known = {each.model: speeds.known(scoring.fingerprint(each.model), scoring.place(each.model)) for each in work}
    docs = list(islice(corpus.iter_docs(), SAMPLE))
    asked = [query.text for query in queries[:ASKED]]
    seconds, said = 0.0, list[str]()
    for each in work:
        speed = known[each.model]
        if speed is None or None in known.values() or not docs:
            return None
        texts = scoring.document_texts(each.model, docs)
        count = partial(_lengths, each.compares, asked, texts)
        lengths = scoring.examine(each.model, count, cancel=cancel, on_load=on_load)
        tokens, cards = sum(lengths) / len(lengths), scoring.cards(each.model)
        seconds += each.pairs * tokens / (speed.tokens_per_second * cards)
        name = f"{each.model}, " if len(work) > 1 else ""
        said.append(
            f"{name}{_figure(speed, cards)}; {numerals.counted(each.pairs, 'pair')} of {tokens:.0f} tokens a query"
        )
    return Known(1 / seconds, f"{'; '.join(said)}; without first stages, and less where scores are known")


def _lengths(compares: bool, queries: Sequence[str], texts: Sequence[str], scorer: Any) -> list[int]:
    """Of inputs, each of the texts with one of the queries."""
    found: list[int] = []
    for place, query in enumerate(queries):
        some = texts[place :: len(queries)]
        pairs = list(zip(range(len(some)), range(1, len(some)), strict=False))
        work = PairScoring(query, some, pairs) if compares else Scoring(query, some)
        found += [each.tokens for each in work.prepare(scorer, range(work.count))]
    return found


def _figure(speed: Speed, cards: int) -> str:
    said = f"zsr-tui bench, {speed.when}: {speed.tokens_per_second:,.0f} tokens/s"
    return said if cards == 1 else f"{said} a card, {cards} cards"
