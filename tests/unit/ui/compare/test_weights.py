"""Where a slider goes: steps to the next multiple, shares that add up to 1, none of them 0."""

from __future__ import annotations

import pytest

from zsr_tui.ui.compare.weights import Weights

PAIR = Weights(("bm25", "dense"), (2 / 3, 1 / 3))


@pytest.mark.parametrize(
    ("start", "step", "shares"),
    [
        pytest.param(2 / 3, 5, 0.7, id="up to a multiple"),
        pytest.param(2 / 3, -5, 0.65, id="down to a multiple"),
        pytest.param(0.7, 5, 0.75, id="up from a multiple"),
        pytest.param(0.7, -5, 0.65, id="down from a multiple"),
        pytest.param(0.29, 1, 0.3, id="a little up"),
        pytest.param(0.29, -1, 0.28, id="a little down"),
        pytest.param(0.95, 5, 0.99, id="not to the end"),
        pytest.param(0.99, -5, 0.95, id="back from the end"),
        pytest.param(0.99, 1, 0.99, id="no further"),
        pytest.param(0.01, -5, 0.01, id="not below the other end"),
    ],
)
def test_a_step_goes_to_the_next_multiple(start: float, step: int, shares: float) -> None:
    moved = Weights(PAIR.labels, (start, 1 - start)).stepped(step)

    assert moved.shares == pytest.approx((shares, 1 - shares))
    assert str(moved.shares[0]) == str(shares)  # and is written as short as that


def test_the_others_keep_their_proportions_whichever_is_moved() -> None:
    three = Weights(("a", "b", "c"), (0.5, 0.25, 0.25))

    assert three.at(0.8).shares == (0.8, 0.1, 0.1)
    assert three.next_part().at(0.4).shares == (0.4, 0.4, 0.2)
    assert three.next_part().next_part().next_part().part == 0
    assert min(three.at(1).shares) > 0
    assert sum(three.at(0.3).shares) == pytest.approx(1)
