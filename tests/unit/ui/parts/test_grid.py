"""Which columns of a table fit."""

from __future__ import annotations

import pytest

from zsr_tui.ui.parts.grid import leftmost_end, shown


@pytest.mark.parametrize(
    ("first", "room", "expected"),
    [(0, 100, 3), (0, 24, 2), (0, 23, 1), (0, 1, 1), (1, 24, 2), (2, 5, 1), (3, 50, 0)],
)
def test_only_whole_columns_are_shown_but_always_one(first: int, room: int, expected: int) -> None:
    assert shown([10, 10, 10], first, room) == expected


@pytest.mark.parametrize(("room", "expected"), [(100, 0), (24, 1), (12, 2), (3, 2), (36, 0), (35, 1)])
def test_scrolling_ends_where_the_last_column_is_shown(room: int, expected: int) -> None:
    assert leftmost_end([10, 10, 10], room) == expected


def test_no_columns_are_no_trouble() -> None:
    assert leftmost_end([], 10) == 0
    assert shown([], 0, 10) == 0
