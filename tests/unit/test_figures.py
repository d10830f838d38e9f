from __future__ import annotations

import pytest

from zsr_tui import figures


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, "?"),
        (0, "0"),
        (986, "986"),
        (999, "999"),
        (1000, "1.0k"),
        (5183, "5.2k"),
        (9960, "10k"),
        (171_332, "171k"),
        (999_700, "1.0M"),
        (8_841_823, "8.8M"),
        (14_914_602, "15M"),
        (4_000_000_000, "4.0B"),
    ],
)
def test_short_counts(number: int | None, shown: str) -> None:
    assert figures.short_count(number) == shown
    assert len(shown) <= 5


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (6.6, "0:07"), (750, "12:30"), (3599.6, "1 h 00"), (11_100, "3 h 05")]
)
def test_durations(seconds: float, shown: str) -> None:
    assert figures.duration(seconds) == shown


def test_unknown_figures_say_so() -> None:
    assert figures.size(None) == "unknown size"
    assert figures.count(None) == "?"


def test_small_amounts_are_not_rounded_to_nothing() -> None:
    assert figures.amount(512, "bytes", 2300) == "512 bytes of 2.3 kB"
    assert figures.amount(2125, "documents", 5183) == "2,125 of 5,183 documents"
    assert figures.rate(0.5, "documents") == "0.5 documents/s"
