"""How long a job will take, said before it has taken long: from a measurement of the devices that do it, or of the
job's own first documents or queries, which also correct the other. Nothing is assumed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from zsr_tui import numerals
from zsr_tui.domain import Corpus, Query
from zsr_tui.progress import CancelToken, Forecast, Progress, Report
from zsr_tui.scoring.queue.speeds import Together
from zsr_tui.scoring.queue.work import Encoding, PairScoring, Scoring, Work

if TYPE_CHECKING:
    from zsr_tui.scoring.service import ScoringService

LONG_SECONDS = 600.0  # what takes less is not said
MEASURED, MEASURED_SECONDS = 64, 10.0  # documents or queries of a job's own work, and seconds, at least
PATIENCE_SECONDS = 60.0  # after which fewer of them will do, and after which what was known before is corrected
WRONG = 1.25  # times as fast or as slow as was known before
SAMPLE = 200  # documents whose tokens are counted
ASKED = 8  # queries that they are paired with


@dataclass(frozen=True, slots=True)
class Known:
    """`rate` in documents a second, and the measurement that it comes from, in words."""

    rate: float
    rests_on: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing was measured before; `why` in words, if that is not to be expected."""

    why: str = ""


NOTHING = Unknown()


class Forecasting:
    """A report that puts a forecast to what it hears, once there is one of a long job. `what` is done in words, `where`
    is asked when it is known; `known` is what was measured before. Once a minute of the job itself says otherwise, so
    does the forecast."""

    def __init__(
        self,
        report: Report,
        what: str,
        where: Callable[[], str],
        known: Known | Unknown = NOTHING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report, self._what, self._where, self._known, self._clock = report, what, where, known, clock
        self._start: int | None = None  # what an earlier run has done
        self._first: tuple[int, float] | None = None
        self._forecast: Forecast | None = None
        self._over = False  # the job itself has been measured

    def __call__(self, progress: Progress) -> None:
        if not self._over and progress.unit and progress.total is not None:
            self._look(progress, progress.total)
        self._report(progress if self._forecast is None else replace(progress, forecast=self._forecast))

    def _look(self, progress: Progress, total: int) -> None:
        left = total - progress.done
        if self._start is None:
            self._start = progress.done
            if isinstance(self._known, Known) and left / self._known.rate >= LONG_SECONDS:
                self._say(progress, left, self._known.rate, self._known.rests_on)
        if (found := self._measured(progress)) is None:
            return
        rate, said = found
        if self._forecast is None:
            if left / rate >= LONG_SECONDS:  # what is short now may prove long
                why = f": {self._known.why}" if isinstance(self._known, Unknown) and self._known.why else ""
                self._say(progress, left, rate, f"{said}{why}")
                self._over = True
        elif isinstance(self._known, Known):
            if not 1 / WRONG < rate / self._known.rate < WRONG:
                self._say(progress, left, rate, f"{said}, in place of {self._forecast.rate}")
            self._over = True

    def _say(self, progress: Progress, left: int, rate: float, rests_on: str) -> None:
        said = numerals.rate(rate, progress.unit)
        self._forecast = Forecast(self._what, left, progress.unit, self._where(), left / rate, said, rests_on)

    def _measured(self, progress: Progress) -> tuple[float, str] | None:
        """Of what follows the first that is done: that one also waits for what is loaded."""
        now = self._clock()
        if self._first is None:
            if progress.done > (self._start or 0):
                self._first = progress.done, now
            return None
        count, seconds = progress.done - self._first[0], now - self._first[1]
        enough = MEASURED_SECONDS if count >= MEASURED and self._forecast is None else PATIENCE_SECONDS
        if not count or seconds < enough:
            return None
        return count / seconds, f"measured on {numerals.amount(count, progress.unit)} of this job in {seconds:.0f} s"


def encoding(
    scoring: ScoringService,
    model: str,
    corpus: Corpus,
    cancel: CancelToken,
    on_load: Callable[[str], None] | None = None,
) -> Known | Unknown:
    """From the figures of `zsr-tui bench` for the devices that encode, and the tokens of the corpus' first documents.
    Loads the model, which the job does anyway."""
    speed = scoring.speed(model, cancel, on_load)
    texts = scoring.document_texts(model, islice(corpus.iter_docs(), SAMPLE)) if speed.tokens_per_second else []
    if not texts:
        return _unknown({model: speed})
    lengths = scoring.lengths(model, [Encoding(texts, "document")], cancel, on_load)
    tokens = sum(lengths) / len(lengths)
    counted = f"{tokens:.0f} tokens a document, counted in the first {len(texts):,}"
    return Known(speed.tokens_per_second / tokens, f"{speed.said}; {counted}")


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
) -> Known | Unknown:
    """In queries a second, from the figures of `zsr-tui bench` for all models that rerank, and the tokens of pairs of
    the first queries and documents; unknown where nothing reranks, or one has no figure. First stages are not counted.
    Loads the models, which the job does anyway."""
    speed = {each.model: scoring.speed(each.model, cancel, on_load) for each in work}
    docs = list(islice(corpus.iter_docs(), SAMPLE))
    if not work or not docs or not all(each.tokens_per_second for each in speed.values()):
        return _unknown(speed)
    asked = [query.text for query in queries[:ASKED]]
    seconds, said = 0.0, list[str]()
    for each in work:
        texts = scoring.document_texts(each.model, docs)
        lengths = scoring.lengths(each.model, _works(each.compares, asked, texts), cancel, on_load)
        tokens = sum(lengths) / len(lengths)
        seconds += each.pairs * tokens / speed[each.model].tokens_per_second
        name = f"{each.model}, " if len(work) > 1 else ""
        pairs = f"{numerals.counted(each.pairs, 'pair')} of {tokens:.0f} tokens a query"
        said.append(f"{name}{speed[each.model].said}; {pairs}")
    return Known(1 / seconds, f"{'; '.join(said)}; without first stages, and less where scores are known")


def _works(compares: bool, queries: Sequence[str], texts: Sequence[str]) -> list[Work]:
    """Each of the texts with one of the queries."""
    works: list[Work] = []
    for place, query in enumerate(queries):
        some = texts[place :: len(queries)]
        pairs = list(zip(range(len(some)), range(1, len(some)), strict=False))
        works.append(PairScoring(query, some, pairs) if compares else Scoring(query, some))
    return works


def _unknown(speed: Mapping[str, Together]) -> Unknown:
    """Which of them has no figure where, if that is not here."""
    lacking = [f"of {model} on {', '.join(each.unknown)}" for model, each in speed.items() if each.unknown]
    return Unknown(f"no figure of zsr-tui bench {'; '.join(lacking)}" if lacking else "")
