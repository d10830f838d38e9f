"""Published figures in the plot by model size, as the screen and the reports draw it."""

from __future__ import annotations

import dataclasses

import pytest

from tests.unit.evaluation.report.example import evaluation
from zsr_tui.evaluation.plots import sized
from zsr_tui.evaluation.plots.size import by_size
from zsr_tui.evaluation.published import published
from zsr_tui.plots import svg, terminal

SCIFACT = "beir/scifact/test"


def test_the_plot_names_the_source_of_what_it_did_not_measure() -> None:
    plot = by_size(evaluation(), "nDCG@10")
    (hollow,) = [series for series in plot.series if series.hollow]
    assert hollow.name.startswith("published: pyserini ")
    (splade,) = [point for point in hollow.points if point.label == "splade-pp-ed"]
    assert (splade.x, splade.y) == (109_514_298, 0.7041)
    assert plot.y.low < splade.y < plot.y.high
    screen = "\n".join("".join(text for text, _ in line) for line in terminal.draw(plot, 120, 30))
    assert f"{terminal.mark(hollow)} {hollow.name}" in screen
    assert screen.count(terminal.mark(hollow)) == 1 + len(hollow.points)
    assert hollow.name in svg.draw(plot)


def test_only_figures_of_the_same_queries_and_measure_are_beside_measured_ones() -> None:
    assert sized.of_dataset(evaluation(), "nDCG@10")
    assert not sized.of_dataset(evaluation(), "RR@10")  # nobody published it
    assert not sized.of_dataset(evaluation(dataset="demo"), "nDCG@10")
    part = dataclasses.replace(evaluation().provenance, subset="the first 40")
    assert not sized.of_dataset(dataclasses.replace(evaluation(), provenance=part), "nDCG@10")


def test_models_of_unknown_size_have_no_place_and_those_the_program_knows_have_its_count() -> None:
    names = {point.label for point in sized.of_dataset(evaluation(), "nDCG@10")}
    assert "bge-base-en-v1.5.faiss" in names
    assert not names & {"bm25-flat", "cohere-embed-english-v3.0"}
    paper = {point.label: point for point in sized.of_dataset(evaluation(dataset="beir"), "nDCG@10")}
    assert paper["GTR-XXL"].parameters == 4_800_000_000  # the paper's own
    assert paper["monoT5-base"].parameters == 222_903_552  # where a measured one stands
    assert paper["monoT5-base"].approximate
    assert paper["monoT5-base"].source.startswith("Rosa et al. 2022")


def test_an_average_has_those_that_were_published_for_each_of_its_datasets() -> None:
    def of(dataset: str) -> dict[str, float]:
        return {row.system: row.value for row in published(dataset, "nDCG@10")}

    both = ("beir/nfcorpus/test", SCIFACT)
    points = {point.label: point for point in sized.of_average(both, "nDCG@10")}
    mean = (of(both[0])["splade-pp-ed"] + of(both[1])["splade-pp-ed"]) / 2
    assert points["splade-pp-ed"].value == pytest.approx(mean)
    assert "monoT5-3B" in of(both[0])
    assert "monoT5-3B" not in points  # there is no figure of it for SciFact
    assert not sized.of_average((*both, "demo"), "nDCG@10")
