"""Texts that a spreadsheet would compute when it opens a report."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import msgspec
import pytest

from tests.unit.evaluation.report.example import evaluation, write_report
from zsr_tui.api.evaluations import ReadReport, ReportFormat
from zsr_tui.engine.evaluation import systems
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.library import Library
from zsr_tui.evaluation.report.per_query import formulas
from zsr_tui.evaluation.results import Evaluation

FORMULAS = {
    "equals": '=HYPERLINK("https://example.org","x")',
    "plus": "+1+1",
    "minus": "-2+3 cmd|' /C calc'!A0",
    "at": "@SUM(1,1)",
    "tab": "\tone",
    "return": "\rone",
    "spaces": "  =1+1",
    "wide letter": "＝1+1",
    "wide space": "\u3000=1+1",
    "unseen": "\ufeff=1+1",
    "infinity": "-inf",
}
TEXTS = {
    "number": "-12",
    "decimal": "+1.5e-3",
    "later": "what is 1+1=2",
    "dash": "–5 degrees",
    "apostrophe": "'=1",
    "empty": "",
    "lone return": "one\rtwo",
    "lines": 'one\r\n"two"\nthree',
    "spaces": " one",
}


def asked(text: str) -> Evaluation:
    """About two queries, the second of which is the text."""
    made = evaluation(2, systems=[0, 4])
    first, second = made.queries
    values = made.values.copy()
    values[0, 0, 1] = -0.5
    return dataclasses.replace(made, queries=(first, msgspec.structs.replace(second, text=text)), values=values)


def fields(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


@pytest.mark.parametrize("text", FORMULAS.values(), ids=FORMULAS)
def test_a_formula_is_counted_and_has_an_apostrophe_before_it_on_demand(tmp_path: Path, text: str) -> None:
    made = asked(text)
    assert formulas(made) == 2  # a row for each system
    plain = fields(write_report(made, tmp_path / "x.csv"))
    assert [row["query"] for row in plain[2:]] == [text] * 2
    written = fields(write_report(made, tmp_path / "x.csv", spreadsheet=True))
    assert written == [row | ({"query": "'" + text} if row["query"] == text else {}) for row in plain]
    assert written[2]["nDCG@10"] == "-0.5"  # a number stays one


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_other_texts_stay_as_they_are(tmp_path: Path, text: str) -> None:
    made = asked(text)
    assert formulas(made) == 0
    plain = write_report(made, tmp_path / "plain.csv").read_bytes()
    assert write_report(made, tmp_path / "x.csv", spreadsheet=True).read_bytes() == plain
    assert fields(tmp_path / "x.csv")[2]["query"] == text


def test_the_engine_counts_them_where_they_were_asked_for_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(Library())
    monkeypatch.setattr(shelf, "evaluation", lambda *_: asked("=1+1"))

    def answer(format: ReportFormat, spreadsheet: bool) -> tuple[int, bool]:
        report, *beside = systems.report(shelf, ReadReport(id="e1", format=format, spreadsheet=spreadsheet))
        assert not any(each.formulas for each in beside)
        return report.formulas, b"'=1+1" in report.content

    assert answer(".csv", False) == (2, False)
    assert answer(".csv", True) == (0, True)
    assert answer(".json", False) == (0, False)
