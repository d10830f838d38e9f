"""What a model's grades are on a dataset's scale."""

from __future__ import annotations

import pytest

from zsr_tui.judging.scale import all_count_as


@pytest.mark.parametrize(
    ("highest", "grades"),
    [(1, (0, 0, 1, 1)), (2, (0, 0, 1, 2)), (3, (0, 1, 2, 3)), (4, (0, 0, 2, 4)), (5, (0, 0, 3, 5))],
    ids=["SciFact's", "NFCorpus's", "the model's own", "to 4", "to 5"],
)
def test_relevant_grades_are_spread_over_the_relevant_ones_of_the_dataset(
    highest: int, grades: tuple[int, ...]
) -> None:
    assert all_count_as(highest) == grades
