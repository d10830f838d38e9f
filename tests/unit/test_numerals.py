from __future__ import annotations

import math

import pytest

from zsr_tui import numerals
from zsr_tui.numerals import date, signed, value


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
    assert numerals.short_count(number) == shown
    assert len(shown) <= 5


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (6.6, "0:07"), (750, "12:30"), (3599.6, "1 h 00"), (11_100, "3 h 05")]
)
def test_durations(seconds: float, shown: str) -> None:
    assert numerals.duration(seconds) == shown


def test_unknown_figures_say_so() -> None:
    assert numerals.size(None) == "unknown size"
    assert numerals.count(None) == "?"


def test_small_amounts_are_not_rounded_to_nothing() -> None:
    assert numerals.amount(512, "bytes", 2300) == "512 bytes of 2.3 kB"
    assert numerals.amount(2125, "documents", 5183) == "2,125 of 5,183 documents"
    assert numerals.rate(0.5, "documents") == "0.5 documents/s"
    assert numerals.rate(0.024, "queries") == "42 s a query"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param(0.0, "0.0000", id="zero"),
        pytest.param(-0.00001, "0.0000", id="rounds to zero"),
        pytest.param(0.25, "+0.2500", id="gain"),
        pytest.param(-0.25, "−0.2500", id="loss"),
        pytest.param(math.nan, "–", id="no number"),
    ],
)
def test_signs(number: float, text: str) -> None:
    assert signed(number) == text


def test_missing_values_are_dashes() -> None:
    assert (value(None), value(math.nan), value(0.5)) == ("–", "–", "0.5000")


def test_dates_are_read_by_people() -> None:
    assert date("2026-11-22T22:01:55+02:00") == "2026-11-22 20:01 UTC"
    assert date("2026-11-22T20:00:00Z") == "2026-11-22 20:00 UTC"
    assert date("yesterday") == "yesterday"


def test_a_scale_is_said_with_its_dataset() -> None:
    assert numerals.scale(0, 2, "demo") == "grades of demo go from 0 to 2"
    assert numerals.scale(0, 3) == "grades go from 0 to 3"


def test_no_number_is_a_negative_zero() -> None:
    assert [numerals.value(-0.001, 2), numerals.signed(-0.001, 2), numerals.minus("-0.0e-3")] == [
        "0.00",
        "0.00",
        "0.0e-3",
    ]
    assert [numerals.value(-0.01, 2), numerals.minus("-10")] == ["−0.01", "−10"]
