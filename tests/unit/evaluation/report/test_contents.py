from __future__ import annotations

import csv
import html
import io
import math
from pathlib import Path

import numpy as np
import pytest

from tests.unit.evaluation.report.example import evaluation, write_report
from zsr_tui.domain import Problem
from zsr_tui.evaluation.plots.size import paper
from zsr_tui.evaluation.report.chosen import Reason, extremes
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.page.sections import report_plots
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.plots import svg


def test_the_queries_that_make_the_difference_are_chosen() -> None:
    made = evaluation(10, systems=[0, 1])
    made.values[:] = 0.5
    made.values[1, 0, 4] = 0.0  # the largest loss
    made.values[1, 0, 7] = 0.75
    made.values[1, 0, 2] = 1.0  # the largest gain
    made.values[1, 0, 9] = math.nan
    chosen = extremes(made, 0, "nDCG@10")
    assert [each.query for each in chosen] == [4, 2, 7]
    assert [each.reasons for each in chosen] == [(Reason(1, -0.5, 1),), (Reason(1, 0.5, 1),), (Reason(1, 0.25, 2),)]
    assert [each.query for each in extremes(made, 0, "nDCG@10", each=1)] == [4, 2]
    assert [each.query for each in extremes(made, 1, "nDCG@10", each=1)] == [2, 4]
    same = extremes(made, 0, "R@100")
    assert [each.query for each in same] == [0, 1, 2]
    assert "no system differs" in same[0].note


def test_every_reason_for_a_query_is_said_with_its_numbers() -> None:
    shown = ["BM25", "X", "Y"]
    assert Reason(1, -0.372, 1).sentence(shown, 0) == "largest loss of X against BM25: −0.37"
    assert Reason(2, 0.5, 2).sentence(shown, 0) == "second largest gain of Y against BM25: +0.50"
    assert Reason(2, 0.5, 4).sentence(shown, 1) == "4th largest gain of Y against X: +0.50"
    made = evaluation(10, systems=[0, 1, 2])
    made.values[:] = 0.5
    made.values[1, 0, 4], made.values[2, 0, 4] = 0.0, 0.1
    (chosen,) = Contents(made).queries
    assert [line[0] for line in chosen.lines(shown, 0)] == [
        "Largest loss of X against BM25: −0.50",
        "Largest loss of Y against BM25: −0.40",
    ]


def test_the_stage_at_fault_is_named_with_each_chosen_query() -> None:
    made = evaluation(40)
    contents = Contents(made)
    for chosen in contents.queries:
        assert [system for system, _ in chosen.losses] == list(dict.fromkeys(r.system for r in chosen.reasons))
        assert all(losses.sentence.startswith("nDCG@10: ") for _, losses in chosen.losses)
    made.values[:] = 0.5
    first = Contents(made, baseline=1).queries[0]
    assert [system for system, _ in first.losses] == [0, 2, 3, 4, 5]  # everybody against the baseline
    assert first.reasons == ()


def test_no_system_takes_all_the_room() -> None:
    chosen = extremes(made := evaluation(60), 0, "nDCG@10")
    assert len(chosen) == len({each.query for each in chosen}) == 12
    worst = [int((made.values[system, 0] - made.values[0, 0]).argmin()) for system in range(1, 5)]
    assert set(worst) <= {each.query for each in chosen}


def test_a_report_of_a_chosen_measure_and_baseline(tmp_path: Path) -> None:
    page = write_report(
        evaluation(6), tmp_path / "x.html", baseline=4, test="randomisation", measure="R@100"
    ).read_text("utf-8")
    assert page.count("<article") == len(extremes(evaluation(6), 4, "R@100"))
    assert "<title>beir/scifact/test: 6 systems, R@100</title>" in page
    assert "R@100 by model size" in page
    assert "R@100 by rerank depth" in page
    assert "R@100 by query length" in page
    assert "difference to all-MiniLM-L6-v2" in page
    assert "Across datasets" not in page  # nobody gave other datasets


@pytest.mark.parametrize("suffix", [".csv", ".svg"])
def test_what_does_not_show_lists_does_not_read_them(tmp_path: Path, suffix: str) -> None:
    def unreadable(_query: int) -> object:
        raise AssertionError("the lists were read")

    made: Evaluation = evaluation(6, lists=unreadable)
    text = write_report(made, tmp_path / f"x{suffix}").read_text("utf-8")
    if suffix == ".csv":
        assert [row["label"] for row in csv.DictReader(io.StringIO(text))] == made.names * 6
    else:
        for name, mean in zip(made.names, np.nanmean(made.values[:, 0], axis=1), strict=True):
            assert f"{html.escape(name)} {mean:.3f}" in text


def test_a_measure_that_was_not_evaluated_names_those_that_were() -> None:
    with pytest.raises(Problem, match="AP was not evaluated: choose one of nDCG@10, R@100, Judged@10"):
        Contents(evaluation(3), measure="AP")


def test_every_plot_of_the_report_can_be_drawn_alone() -> None:
    contents = Contents(evaluation(6))
    for plot in (paper(), *report_plots(contents)):
        assert svg.draw(plot).startswith("<svg")


def test_the_papers_own_plot_has_its_five_families() -> None:
    plot = paper()
    assert {series.name for series in plot.series} == {"cross-encoder", "dense", "monot5", "gtr", "sgpt"}
    assert [rule.label for rule in plot.rules] == ["BM25 0.433"]
    assert "approximate" in plot.title
