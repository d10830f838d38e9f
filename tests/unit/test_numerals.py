from __future__ import annotations

import ast
import itertools
import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import zsr_tui
from zsr_tui import numerals
from zsr_tui.numerals import date, signed, value

SOURCES = Path(zsr_tui.__file__).parent


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
    assert (numerals.amount(1, "queries"), numerals.amount(1, "pairs", 1)) == ("1 query", "1 of 1 pair")
    assert numerals.counted(None, "chunk") == "? chunks"
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


COUNTED = (
    "queries", "documents", "systems", "judgments", "pairs", "inputs", "datasets", "columns", "fields", "sessions",
    "requests", "candidates", "minutes", "seconds",
)  # fmt: skip
BEHIND_A_NUMBER = re.compile(rf" (?:(?!of |to |all )[a-z]*[a-rt-z] )?(?:{'|'.join(COUNTED)})\b")
# What is never one, or is no number.
ALLOWED = """
commands/open.py: len(systems)
commands/reopen.py: len(systems)
corpora/catalogue.py: part
corpora/judgments.py: count
engine/evaluation/evaluate.py: len(spec.systems)
engine/parity/parity.py: sum(counts)
engine/preparing/making.py: documents
engine/preparing/needs.py: len(self.info.members)
engine/preparing/needs.py: docs
evaluation/comparison.py: len(evaluation.members)
evaluation/parity/compared.py: count
evaluation/parity/findings.py: with_it
evaluation/parity/findings.py: len(groups)
evaluation/parity/findings.py: len(both)
evaluation/parity/findings.py: len(values)
evaluation/parity/inputs.py: pairs
evaluation/parity/probes.py: len(before)
evaluation/plots/size.py: count
pipeline/parsing.py: systems
retrieval/approximate/building.py: fewest
retrieval/encoded/appended.py: rows
retrieval/encoded/encoding.py: len(docs)
retrieval/store.py: opened.documents
scoring/endpoints/listwise.py: count
scoring/endpoints/listwise.py: asks
scoring/reranking.py: count
scoring/reranking.py: count * (count - 1)
ui/compare/variants/table.py: named(over)
ui/evaluation/standing.py: systems
ui/judging/blind/words.py: count
ui/judging/pool/words.py: pooling.depth
ui/setup/corpora.py: len(info.members)
"""


def numbers_before_a_plural(source: str) -> Iterator[str]:
    """The expressions of f-strings behind which a plural is written, whatever the number; constants left out."""
    for node in ast.walk(ast.parse(source)):
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        for before, behind in itertools.pairwise(parts):
            if not isinstance(before, ast.FormattedValue) or not isinstance(behind, ast.Constant):
                continue
            named, is_word = ast.unparse(before.value), isinstance(before.value, ast.IfExp)
            if BEHIND_A_NUMBER.match(str(behind.value)) and not (named.isupper() or is_word or "counted(" in named):
                yield named


def test_nothing_says_1_queries() -> None:
    found = {
        f"{path.relative_to(SOURCES).as_posix()}: {named}"
        for path in SOURCES.rglob("*.py")
        if re.search(rf"\}}{BEHIND_A_NUMBER.pattern}", text := path.read_text(encoding="utf-8"))
        for named in numbers_before_a_plural(text)
    }
    others = sorted(found - set(ALLOWED.strip().splitlines()))
    assert not others, "numerals.counted says 1 query and 2 queries"
    assert list(numbers_before_a_plural('f"{n:,} queries"')) == ["n"]
