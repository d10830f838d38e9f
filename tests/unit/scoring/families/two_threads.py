"""A loaded model called by two threads at once, as the cores of a processor do it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from zsr_tui.scoring.scorer import Prepared


def assert_equal_to_one_thread(scorer: Any, inputs: Sequence[Prepared], rounds: int = 12) -> None:
    """Scores or vectors of parts that two threads run at the same time are those of one thread, to 1e-5 of the
    largest. The parts change from round to round, so that threads meet at different places."""
    assert scorer.parallel
    alone = np.concatenate([scorer.run([each]) for each in inputs])
    scale = max(1.0, float(np.abs(alone).max()))
    start = threading.Barrier(2)

    def run(part: Sequence[Prepared]) -> np.ndarray:
        start.wait()
        found: np.ndarray = scorer.run(part)
        return found

    with _impatient(), ThreadPoolExecutor(2) as threads:
        for round_ in range(rounds):
            turned = [*inputs[round_ % len(inputs) :], *inputs[: round_ % len(inputs)]]
            middle = len(inputs) // 3 + round_ % 2
            found = np.concatenate(list(threads.map(run, [turned[:middle], turned[middle:]])))
            expected = np.concatenate([alone[round_ % len(inputs) :], alone[: round_ % len(inputs)]])
            np.testing.assert_allclose(found / scale, expected / scale, atol=1e-5)


@contextmanager
def _impatient() -> Iterator[None]:
    """Python changes threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
