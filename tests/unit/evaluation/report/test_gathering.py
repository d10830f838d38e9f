from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.unit.evaluation.report.example import evaluation
from zsr_tui.domain import Problem
from zsr_tui.evaluation.report import figures
from zsr_tui.evaluation.report.gathering import extremes, gather, write_report
from zsr_tui.evaluation.report.writing import write_chart
from zsr_tui.evaluation.results import Evaluation


def test_the_queries_that_make_the_difference_are_chosen() -> None:
    made = evaluation(10, systems=[0, 1])
    made.values[:] = 0.5
    made.values[1, 0, 4] = 0.0  # the largest loss
    made.values[1, 0, 7] = 0.75
    made.values[1, 0, 2] = 1.0  # the largest gain
    made.values[1, 0, 9] = math.nan
    assert extremes(made, 0, "nDCG@10") == [4, 2, 7]
    assert extremes(made, 0, "nDCG@10", each=1) == [4, 2]
    assert extremes(made, 1, "nDCG@10", each=1) == [2, 4]
    assert extremes(made, 0, "R@100") == [0, 1, 2]  # no difference: the first ones


def test_no_system_takes_all_the_room() -> None:
    chosen = extremes(made := evaluation(60), 0, "nDCG@10")
    assert len(chosen) == len(set(chosen)) == 12
    worst = [int((made.values[system, 0] - made.values[0, 0]).argmin()) for system in range(1, 5)]
    assert set(worst) <= set(chosen)


def test_a_report_of_a_chosen_measure_and_baseline(tmp_path: Path) -> None:
    page = write_report(
        evaluation(6), tmp_path / "x.html", baseline=4, test="randomisation", measure="R@100", queries=[5]
    ).read_text("utf-8")
    assert page.count("<article") == 1
    assert "R@100 by model size" in page
    assert "R@100 by rerank depth" in page
    assert "R@100 by query length" in page
    assert "difference to all-MiniLM-L6-v2" in page
    assert "Across datasets" not in page  # nobody gave other datasets


@pytest.mark.parametrize("suffix", [".csv", ".json", ".svg"])
def test_what_does_not_show_lists_does_not_read_them(tmp_path: Path, suffix: str) -> None:
    def unreadable(_query: int) -> object:
        raise AssertionError("the lists were read")

    made: Evaluation = evaluation(6, lists=unreadable)
    assert write_report(made, tmp_path / f"x{suffix}").stat().st_size > 100


def test_a_measure_that_was_not_evaluated_names_those_that_were() -> None:
    with pytest.raises(Problem, match="AP was not evaluated: choose one of nDCG@10, R@100, Judged@10"):
        gather(evaluation(3), measure="AP")


def test_single_plots_are_written_too(tmp_path: Path) -> None:
    contents = gather(evaluation(6))
    for chart in (figures.paper(), *figures.charts(contents)):
        assert write_chart(chart, tmp_path / "plot.svg").read_text("utf-8").startswith("<svg")
    with pytest.raises(Problem, match=r"\.svg \.png\.$"):
        write_chart(figures.paper(), tmp_path / "plot.html")


def test_the_papers_own_plot_has_its_five_families() -> None:
    plot = figures.paper()
    assert {series.name for series in plot.series} == {"cross-encoder", "dense", "monot5", "gtr", "sgpt"}
    assert [rule.label for rule in plot.rules] == ["BM25 0.433"]
    assert "approximate" in plot.title
