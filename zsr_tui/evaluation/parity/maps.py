"""What turns A's scores into B's: nothing, a constant, a factor, a sigmoid, what a server makes of a query's scores.

A map is taken only where it brings many pairs within the tolerance, and clearly more of them than none does; of several
the simplest. Constants are found among pairs drawn by a fixed seed and then fitted to those that they suit (RANSAC,
Fischler and Bolles 1981), so that a part of the pairs may be off for another reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from zsr_tui.evaluation.parity import rounding
from zsr_tui.evaluation.parity.observed import Scores

MOST, ALONE = 0.5, 0.35  # of the pairs, that a map has to explain: with constants of its own, and without any
CLEARLY = 0.2  # more of them than no map explains
_FEWEST, _DIFFERENT = 10, 5  # pairs, and different scores among them
_DRAWS = 400
_NEAR = 0.02  # shares that are as good as one another
Of = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class Map:
    """`values`: what A's scores are by it; `sentence` says it, "" for scores as they are; `share` of the pairs within
    the tolerance, which on B's scale is `tolerance`. `of` maps other scores of A's, None where their query matters."""

    values: np.ndarray
    sentence: str
    share: float
    tolerance: float
    of: Of | None
    least: float = MOST


def found(scores: Scores, tolerance: float) -> Map:
    """`tolerance` on A's scale; on B's, where that is another one, it is the same share of the spread, and no finer
    than the steps that its scores come in."""
    a, b = scores.a, scores.b
    plain = Map(a, "", _share(a, b, tolerance), tolerance, lambda values: values)
    spread = float(np.ptp(a)) if len(a) else 0.0
    if len(a) < _FEWEST or not spread or not np.ptp(b) or plain.share == 1.0:
        return plain
    other = tolerance / spread * float(np.ptp(b))
    if steps := rounding.grid(b):
        other = max(other, float(rounding.step(steps, b).max()))
    with np.errstate(all="ignore"):
        tried = [
            Map(values, sentence, _share(values, b, other), other, of, least)
            for least, told in ((ALONE, _PLAIN), (MOST, _fitted(scores, other)))
            for sentence, of in told
            if np.isfinite(values := of(a)).all()
        ]
        tried += [
            Map(values, sentence, _share(values, b, other), other, None, ALONE)
            for sentence, of in _WITHIN
            for values in (_by_query(scores, of),)
        ]
    sound = [each for each in tried if each.share >= max(each.least, plain.share + CLEARLY) and _varied(each, b, a)]
    best = max((each.share for each in sound), default=0.0)
    return next((each for each in sound if each.share >= best - _NEAR), plain)


def _share(values: np.ndarray, b: np.ndarray, tolerance: float) -> float:
    return float((np.abs(b - values) <= tolerance).mean()) if len(b) else 1.0


def _varied(found: Map, b: np.ndarray, a: np.ndarray) -> bool:
    """Whether what it explains are scores that differ among themselves."""
    within = np.abs(b - found.values) <= found.tolerance
    steps = np.unique(np.round(b[within] / max(4 * found.tolerance, 1e-12)))
    return int(within.sum()) >= _FEWEST and len(steps) >= _DIFFERENT and len(np.unique(a[within])) >= _DIFFERENT


def _fitted(scores: Scores, tolerance: float) -> Iterator[tuple[str, Of]]:
    """The simplest first."""
    a, b = scores.a, scores.b
    shift = _constant(b - a, tolerance)
    yield f"B is A and a constant: B = A {_signed(shift)}", lambda values: values + shift
    line = _line(a, b, tolerance)
    yield _scaled(line, "A", "B"), line
    inside = (b > 1e-6) & (b < 1 - 1e-6)
    if inside.sum() >= _FEWEST and ((b >= 0) & (b <= 1)).all():
        # a step in a probability is at most a quarter of one in its logit
        warm = _line(a[inside], _logit(b[inside]), 4 * tolerance)
        yield (
            f"B is a sigmoid of A with a temperature: {_scaled(warm, 'A', 'the logit of B').rpartition(': ')[2]}",
            lambda values: _sigmoid(warm(values)),
        )
    inside = (a > 1e-6) & (a < 1 - 1e-6)
    if inside.all():
        cold = _line(_logit(a), b, tolerance)
        yield (
            f"A is a sigmoid of B with a temperature: {_scaled(cold, 'the logit of A', 'B').rpartition(': ')[2]}",
            lambda values: cold(_logit(values)),
        )


@dataclass(frozen=True, slots=True)
class _Line:
    slope: float
    start: float

    def __call__(self, values: np.ndarray) -> np.ndarray:
        return self.slope * values + self.start


def _constant(offs: np.ndarray, tolerance: float) -> float:
    """The one that most lie around."""
    ordered = np.sort(offs)
    ends = np.searchsorted(ordered, ordered + 2 * tolerance, side="right")
    most = int(np.argmax(ends - np.arange(len(ordered))))
    return float(ordered[most : ends[most]].mean())


def _line(a: np.ndarray, b: np.ndarray, tolerance: float) -> _Line:
    """The straight line that most pairs lie on."""
    draws = np.random.default_rng(0).integers(0, len(a), (_DRAWS, 2))
    draws = draws[a[draws[:, 0]] != a[draws[:, 1]]]
    if not len(draws):
        return _Line(0.0, float(np.median(b)))
    first, second = draws.T
    slopes = (b[second] - b[first]) / (a[second] - a[first])
    starts = b[first] - slopes * a[first]
    counts = (np.abs(slopes[:, None] * a + starts[:, None] - b) <= 2 * tolerance).sum(axis=1)
    best = int(counts.argmax())
    line = _Line(float(slopes[best]), float(starts[best]))
    for _ in range(2):
        within = np.abs(line(a) - b) <= 2 * tolerance
        if within.sum() < 3 or not np.ptp(a[within]):
            return line
        slope, start = np.polyfit(a[within], b[within], 1)
        line = _Line(float(slope), float(start))
    return line


def _scaled(line: _Line, of: str, what: str) -> str:
    said = "B falls where A rises (one is a distance)" if line.slope < 0 else "B is A on another scale"
    start = "" if abs(line.start) < 5e-7 else f" {_signed(line.start)}"
    return f"{said}: {what} = {line.slope:.6g} × {of}{start}".replace("= -", "= −")


def _signed(number: float) -> str:
    return f"{'−' if number < 0 else '+'} {abs(number):.6g}"


def _sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(a, -700, 700)))


def _logit(a: np.ndarray) -> np.ndarray:
    return np.log(a) - np.log1p(-a)


def _by_query(scores: Scores, of: Of) -> np.ndarray:
    values = np.full(len(scores.a), np.nan)
    for group in scores.groups:
        values[group] = of(scores.a[group])
    return values


def _softmax(a: np.ndarray) -> np.ndarray:
    weights = np.exp(a - a.max())
    return np.asarray(weights / weights.sum())


def _minmax(a: np.ndarray) -> np.ndarray:
    spread = np.ptp(a)
    return (a - a.min()) / spread if spread else np.zeros_like(a)


def _zscore(a: np.ndarray) -> np.ndarray:
    spread = a.std()
    return (a - a.mean()) / spread if spread else np.zeros_like(a)


_PLAIN: tuple[tuple[str, Of], ...] = (
    ("B is the sigmoid of A: one is a logit and the other a probability", _sigmoid),
    ("A is the sigmoid of B: one is a probability and the other a logit", _logit),
    ("B is exp(A): one is a log-probability and the other a probability", np.exp),
    ("A is exp(B): one is a probability and the other a log-probability", np.log),
    ("B is A with the other sign: one is a distance", np.negative),
    ("B is 1 − A: one is a distance", lambda values: 1 - values),
    ("B is (1 + A) / 2", lambda values: (1 + values) / 2),
)
_WITHIN: tuple[tuple[str, Of], ...] = (
    ("B is A's softmax over the documents of each query", _softmax),
    ("B is A brought to 0 ... 1 within each query (min-max)", _minmax),
    ("B is A less its mean over each query, by its deviation (z-scores)", _zscore),
)
