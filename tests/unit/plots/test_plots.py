from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.evaluation.report.example import evaluation
from zsr_tui.evaluation import results
from zsr_tui.evaluation.plots.depth import by_depth
from zsr_tui.evaluation.plots.groups import by_feature
from zsr_tui.evaluation.plots.queries import query_differences, query_scatter
from zsr_tui.evaluation.plots.size import by_parameters
from zsr_tui.evaluation.plots.sized import Sized
from zsr_tui.evaluation.results import EvaluatedQuery, EvaluatedSystem, Evaluation
from zsr_tui.plots import scale, svg, terminal
from zsr_tui.plots.canvas import width_of
from zsr_tui.plots.model import AnyPlot, Breakdown, Differences, Plot

SYSTEMS = (
    Sized("BM25", "bm25", None, 0.433),
    Sized("MiniLM", "cross-encoder", 22_000_000, 0.489),
    Sized("monoT5-small", "monot5", 60_000_000, 0.426),
    Sized("monoT5-base", "monot5", 223_000_000, 0.478),
    Sized("monoT5-3B", "monot5", 3_000_000_000, 0.532),
)
HOSTILE = "<script>x</script>\x1b[31m & \"'\x00"


def paper() -> Plot:
    return by_parameters(SYSTEMS, "nDCG@10", "beir")


def breakdown(
    bins: Sequence[tuple[str, int, Sequence[float]]], systems: Sequence[str], measure: str, by: str
) -> Breakdown:
    """`bins`: label, number of queries and the mean of each system."""
    groups = tuple(results.Group(label, 0, 0, np.arange(count)) for label, count, _ in bins)
    means = tuple(tuple(each) for _, _, each in bins)
    return by_feature(results.Breakdown(results.Feature(by, "", groups), measure, means), systems)


def compared(values: Sequence[tuple[float, float]], measure: str, names: tuple[str, str], **changes: Any) -> Evaluation:
    """Two systems; `values` are theirs for each query."""
    systems = tuple(EvaluatedSystem(name, name, "", None) for name in names)
    known = {"queries": tuple(EvaluatedQuery(f"q{n}", "", "m", {}) for n in range(len(values))), "members": ("m",)}
    of_systems = np.array(values, float).reshape(-1, 2).T[:, None]
    return replace(evaluation(1), systems=systems, measures=(measure,), values=of_systems, **(known | changes))


def differences(
    values: Mapping[str, float], measure: str, system: str, baseline: str, texts: Mapping[str, str]
) -> Differences:
    queries = tuple(EvaluatedQuery(key, texts.get(key, ""), "m", {}) for key in values)
    pairs = [(value, 0.0) for value in values.values()]
    return query_differences(compared(pairs, measure, (system, baseline), queries=queries), measure, 0, 1)


def scatter(pairs: Sequence[tuple[float, float]], x: str, y: str, measure: str) -> Plot:
    return query_scatter(compared(pairs, measure, (x, y)), measure, 0, 1)


def some_plots() -> list[AnyPlot]:
    """Points on two axes first, as many as `POINTS`."""
    draw = random.Random(5)
    values = {f"q{n}": draw.gauss(0, 0.3) for n in range(300)}
    return [
        paper(),
        by_parameters([], "nDCG@10", "nothing"),
        by_parameters([Sized("one", "f", 5, 0.5)], "AP", "x"),
        by_parameters([Sized(HOSTILE, HOSTILE, 10, math.nan), Sized(HOSTILE, HOSTILE, 9, 1)], HOSTILE, HOSTILE),
        by_parameters([Sized("漢字" * 30, "家族", 10, 0.1), Sized("é" * 90, "f", 10**12, 1)], "x", "y"),
        scatter([(abs(value), 0.5) for value in values.values()], "a", "b", "t"),
        scatter([], "a", "b", "t"),
        by_depth({"a": {10: 0.5, 100: 0.6, 1000: 0.55}, "b": {10: 0.5}}, "nDCG@10", "x"),
        by_depth({}, "nDCG@10", "x"),
        differences(values, "nDCG@10", "a", "b", {}),
        differences(values, "nDCG@10", "a", "b", {"q7": HOSTILE}),
        differences({}, "nDCG@10", "a", "b", {}),
        differences({"only": 0.0}, "nDCG@10", "a", "b", {}),
        differences({f"{n}": n / 20_000 - 0.3 for n in range(10_000)}, "AP", "a", "b", {}),
        breakdown([("short", 12, (0.5, math.nan)), (HOSTILE, 0, (math.nan, 0.0))], ["a", HOSTILE], "AP", "length"),
        breakdown([], ["a"], "AP", "length"),
        breakdown([(f"bin {n}", n, (n / 40,)) for n in range(40)], ["a"], "AP", "length"),
    ]


POINTS = 9


def text_of(lines: list[list[tuple[str, str]]]) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


@pytest.mark.parametrize("plot", some_plots()[:POINTS], ids=lambda plot: type(plot).__name__)
@pytest.mark.parametrize(("width", "height"), [(100, 30), (30, 8), (200, 60), (29, 7), (5, 2), (1, 1), (0, 0)])
def test_a_terminal_plot_fills_exactly_its_cells(plot: Plot, width: int, height: int) -> None:
    lines = terminal.draw(plot, width, height)
    assert len(lines) == max(1, height)
    assert {sum(width_of(text) for text, _ in line) for line in lines} == {max(1, width)}
    assert {style for line in lines for _, style in line} <= {"", *terminal.STYLES}
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", "".join(text for line in lines for text, _ in line))


@pytest.mark.parametrize("plot", some_plots(), ids=lambda plot: type(plot).__name__)
@pytest.mark.parametrize("standalone", [True, False])
def test_an_svg_plot_is_whole_and_says_what_it_shows(plot: AnyPlot, standalone: bool) -> None:
    source = svg.draw(plot, standalone=standalone)
    root = ElementTree.fromstring(source)  # well-formed, whatever the names are
    names = {element.tag.split("}")[1] for element in root.iter()}
    assert "script" not in names
    assert names <= {"svg", "title", "desc", "style", "rect", "text", "g", "path", "circle"}
    assert root.find("{http://www.w3.org/2000/svg}title").text  # type: ignore[union-attr]
    assert root.find("{http://www.w3.org/2000/svg}desc").text  # type: ignore[union-attr]
    assert "nan" not in re.sub(r">[^<]*<", "><", source)
    assert not re.search(r"href|url\(|@import|https?://(?!www\.w3\.org/2000/svg)", source)


def test_nothing_is_drawn_outside_of_the_picture() -> None:
    for plot in some_plots():
        root = ElementTree.fromstring(svg.draw(plot, standalone=False))
        width, height = float(root.get("width", "0")), float(root.get("height", "0"))
        for element in root.iter("{http://www.w3.org/2000/svg}circle"):
            if element.get("cx"):
                assert 0 <= float(element.get("cx", "")) <= width
                assert 0 <= float(element.get("cy", "")) <= height
        for element in root.iter("{http://www.w3.org/2000/svg}rect"):
            if element.get("x"):
                assert float(element.get("width", "")) >= 0
                assert -8 <= float(element.get("x", "")) <= width


def test_the_papers_plot_joins_a_family_by_size_and_lays_bm25_across() -> None:
    plot = paper()
    assert plot.x.log
    (family,) = [series for series in plot.series if series.name == "monot5"]
    assert [point.label for point in family.points] == ["monoT5-small", "monoT5-base", "monoT5-3B"]
    assert [(rule.name, rule.y) for rule in plot.rules] == [("BM25", 0.433)]
    assert plot.about.startswith("nDCG@10 on beir, best first: monoT5-3B 0.532 with 3B parameters;")
    screen = text_of(terminal.draw(plot, 100, 24))
    for name in ("MiniLM", "monoT5-small", "monoT5-base", "monoT5-3B", "BM25 0.433", "parameters", "100M", "1B"):
        assert name in screen
    # each family has a shape of its own, on the plot and in the legend
    assert screen.count("●") == 2
    assert screen.count("■") == 4
    assert "╌" * 20 in screen


def test_higher_values_stand_higher_and_larger_models_further_right() -> None:
    rows = text_of(terminal.draw(paper(), 100, 24)).split("\n")
    place = {
        name: next((row, line.index(name)) for row, line in enumerate(rows) if name in line)
        for name in ("monoT5-3B", "monoT5-base", "monoT5-small")
    }
    assert place["monoT5-3B"][0] < place["monoT5-base"][0] < place["monoT5-small"][0]
    assert place["monoT5-3B"][1] > place["monoT5-base"][1] > place["monoT5-small"][1]


def test_the_list_before_reranking_is_a_line_that_systems_share() -> None:
    curves = {"a": {0: 0.5, 10: 0.6}, "b": {0: 0.5, 10: 0.7}}
    plot = by_depth(curves, "AP", "x")
    assert [rule.label for rule in plot.rules] == ["before reranking 0.500"]
    assert plot.about == "a is best at depth 10 (0.600); b is best at depth 10 (0.700)."
    curves["b"][0] = 0.4
    assert len(by_depth(curves, "AP", "x").rules) == 2


def test_a_difference_of_a_hair_does_not_fill_the_axis() -> None:
    plot = by_parameters([Sized("a", "f", 10, 0.7001), Sized("b", "f", 99, 0.7002)], "AP", "x")
    assert plot.y.high - plot.y.low > 0.05
    assert all(len(tick.label) <= 5 for tick in plot.y.ticks)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_name_of_the_axis_has_room_at_any_width(width: int) -> None:
    screen = text_of(terminal.draw(paper(), width, 18))
    assert " parameters" in screen
    assert "BM25 0.433" in screen
    assert "1B" in screen or "300M" in screen


def test_published_points_are_hollow() -> None:
    other = Sized("monoT5-3B", "monot5", 3_000_000_000, 0.54, source="Rosa et al. 2022", approximate=True)
    printed = Sized("contriever", "", 109_000_000, 0.45, source="pyserini 1.6.0")
    plot = by_parameters([other, printed, *SYSTEMS], "nDCG@10", "beir")
    hollow = {series.name: series for series in plot.series if series.hollow}
    assert list(hollow) == ["published: ≈ approximate; Rosa et al. 2022", "published: pyserini 1.6.0"]
    assert not any(series.line for series in hollow.values())
    assert not any(
        point.label == "≈monoT5-3B" for series in plot.series if not series.hollow for point in series.points
    )
    screen = text_of(terminal.draw(plot, 120, 24))
    for name, series in hollow.items():
        assert f"{terminal.mark(series)} {name}" in screen  # the legend
        assert screen.count(terminal.mark(series)) == 2  # and the point
    assert "≈monoT5-3B" in screen
    assert "monoT5-3B ≈0.540 with 3B parameters (published: Rosa et al. 2022)" in plot.about


def test_differences_are_sorted_counted_and_drawn_on_their_side_of_zero() -> None:
    values = {"a": -0.5, "b": 0.25, "c": 1e-12, "d": math.nan, "e": 0.25}
    plot = differences(values, "AP", "new", "old", {"a": "its text"})
    assert [bar.about for bar in plot.bars] == ["b: +0.2500", "e: +0.2500", "c: 0.0000", "a: −0.5000 its text"]
    assert plot.about == "4 queries: new is better in 2, equal in 1 and worse in 1 than old."
    root = ElementTree.fromstring(svg.draw(plot, standalone=False))
    bars = {each.get("class"): each for each in root.iter("{http://www.w3.org/2000/svg}rect")}
    wins, losses = bars["p-win"], bars["p-loss"]
    assert float(wins.get("y", "")) + float(wins.get("height", "")) == pytest.approx(
        float(losses.get("y", "")), abs=0.2
    )
    assert [each[0].text for each in bars.values()] == ["e: +0.2500", "a: −0.5000 its text"]


def test_a_scatter_says_who_is_better_where() -> None:
    pairs = [(0.2, 0.9), (0.5, 0.5), (0.9, 0.2), (0.1, 0.2), (math.nan, 1.0)]
    plot = scatter(pairs, "x", "y", "t")
    assert plot.about == "4 queries: 2 better in y, 1 better in x, 1 equal."


def test_ten_thousand_queries_stay_a_small_file() -> None:
    draw = random.Random(1)
    plot = differences({str(n): draw.gauss(0, 0.3) for n in range(10_000)}, "AP", "a", "b", {})
    assert len(svg.draw(plot)) < 60_000
    pairs = [(draw.randint(0, 40) / 40, draw.randint(0, 40) / 40) for n in range(10_000)]
    assert len(svg.draw(scatter(pairs, "a", "b", "t"))) < 60_000


def test_the_breakdown_shows_every_value_with_its_count() -> None:
    plot = breakdown([("1–5", 1234, (0.5, math.nan)), ("6+", 7, (0.25, 1.0))], ["bm25", "dense"], "AP", "length")
    drawn = svg.draw(plot)
    for shown in ("1,234 queries", "7 queries", "0.500", "0.250", "1.000", "bm25", "dense", "1–5", "no value"):
        assert shown in drawn


@given(st.lists(st.floats(-1e6, 1e6), max_size=8))
@example([0.0, 1.380455830352484e-09])
@example([0.0, 1e-9])
def test_linear_axes_hold_their_values_and_a_few_ticks(values: list[float]) -> None:
    axis = scale.linear("x", values)
    assert all(-1e-9 <= axis.place(value) <= 1 + 1e-9 for value in values)
    assert 2 <= len(axis.ticks) <= 12
    assert all(axis.low <= tick.value + 1e-6 * (axis.high - axis.low) for tick in axis.ticks)
    assert len({tick.label for tick in axis.ticks}) == len(axis.ticks)


@given(st.lists(st.floats(1, 1e13), max_size=8))
@settings(max_examples=50)
def test_logarithmic_axes_do_too(values: list[float]) -> None:
    axis = scale.logarithmic("x", values)
    assert all(0 <= axis.place(value) <= 1 for value in values)
    assert 2 <= len(axis.ticks) <= 16
    assert len({tick.label for tick in axis.ticks}) == len(axis.ticks)


@pytest.mark.parametrize(
    ("value", "text"),
    [(60, "60"), (1000, "1,000"), (15_000, "15k"), (22_713_601, "22.7M"), (999_999_999, "1B"), (3e9, "3B")],
)
def test_counts_are_short(value: float, text: str) -> None:
    assert scale.short(value) == text
