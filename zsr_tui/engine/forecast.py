"""How long a job will take, said before it has taken long: from a measurement of this machine, or of the job's own
first documents or queries. Nothing is assumed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from zsr_tui import numerals
from zsr_tui.domain import Corpus
from zsr_tui.progress import CancelToken, Forecast, Progress, Report
from zsr_tui.scoring.measuring import speeds

if TYPE_CHECKING:
    from zsr_tui.scoring.service import ScoringService

LONG_SECONDS = 600.0  # what takes less is not said
MEASURED_SECONDS = 10.0  # of a job's own work
SAMPLE = 200  # documents whose tokens are counted


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
        self._found = False
        self._forecast: Forecast | None = None

    def __call__(self, progress: Progress) -> None:
        if not self._found and progress.unit and progress.total is not None:
            self._look(progress, progress.total)
        self._report(progress if self._forecast is None else replace(progress, forecast=self._forecast))

    def _look(self, progress: Progress, total: int) -> None:
        rate = self._known or self._measured(progress)
        if rate is None:
            return
        self._found = True
        left = total - progress.done
        if left / rate.rate >= LONG_SECONDS:
            seconds, said = left / rate.rate, numerals.rate(rate.rate, progress.unit)
            self._forecast = Forecast(self._what, left, progress.unit, self._where(), seconds, said, rate.rests_on)

    def _measured(self, progress: Progress) -> Known | None:
        """Of what follows the first that is done: that one also waits for what is loaded."""
        now = self._clock()
        if self._start is None:
            self._start = progress.done
        if self._first is None:
            if progress.done > self._start:
                self._first = progress.done, now
            return None
        count, seconds = progress.done - self._first[0], now - self._first[1]
        if not count or seconds < MEASURED_SECONDS:
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
    tokens = sum(lengths) / len(lengths)
    said = f"zsr-tui bench, {numerals.date(speed.when)}: {speed.tokens_per_second:,.0f} tokens/s"
    return Known(
        speed.tokens_per_second / tokens, f"{said}; {tokens:.0f} tokens a document, counted in the first {len(texts):,}"
    )
