"""Figures, marks and shortened names."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from zsr_tui.api.events import DocHead, Row
from zsr_tui.numerals import elapsed, parameters, size
from zsr_tui.ui.compare.ranking.row import Columns, row_lines
from zsr_tui.ui.parts.marks import judgment, mark, marked, movement
from zsr_tui.ui.parts.pieces import crop, flow, progress_bar, shorten_notation
from zsr_tui.wrapping import wrap


def plain(pieces: list[tuple[str, str]]) -> str:
    return "".join(text for text, _ in pieces)


def test_unjudged_judged_and_relevant_have_three_glyphs() -> None:
    assert [mark(grade)[:2] for grade in (None, 0, -1, 1, 3)] == [
        ("·", ""),
        ("○", ""),
        ("○", "-1"),
        ("●", "1"),
        ("●", "3"),
    ]
    assert len({mark(grade)[2] for grade in (None, 0, 1, 2, 3)}) == 5


def test_judgments_in_words() -> None:
    assert judgment(2)[0] == "relevant (2)"
    assert judgment(0)[0] == "judged not relevant (0)"
    assert judgment(None)[0] == "unjudged"
    assert judgment(None, judged=False)[0] == "no judgments for a free query"


def test_movement_counts_places_and_tells_absence_from_no_change() -> None:
    assert [movement(3, ref)[0] for ref in (10, 0, 3, None)] == ["↑7", "↓3", "→", "×"]


@pytest.mark.parametrize(
    ("count", "shown"),
    [(None, ""), (22_713_216, "22.7M"), (999_960_000, "1.0B"), (2_850_000_000, "2.9B"), (110_000_000, "110M")],
)
def test_parameters(count: int | None, shown: str) -> None:
    assert parameters(count) == shown


def test_sizes_and_times() -> None:
    assert size(1_100_000_000) == "1.1 GB"
    assert size(224_000_000) == "224 MB"
    assert [elapsed(value) for value in (3.2, 999, 1240, 61_000)] == ["3 ms", "999 ms", "1.24 s", "61 s"]


def test_a_bar_is_as_wide_as_asked_and_full_only_at_the_end() -> None:
    bars = [progress_bar(done, 100, 12) for done in range(101)]
    assert {cell_len(each) for each in bars} == {12}
    assert bars[0] == "▕          ▏"
    assert bars[100] == "▕██████████▏"
    assert bars[99] != bars[100]


@pytest.mark.parametrize("width", range(1, 60))
def test_a_shortened_notation_fits_and_keeps_how_it_retrieves(width: int) -> None:
    short = shorten_notation("bm25 % 1000 >> castorini/monot5-base-msmarco-10k", width)
    assert len(short) <= width
    if width >= len("bm25 % 1000 >> ") + 8:
        assert short.startswith("bm25 % 1000 >> ")


def test_a_shortened_label_keeps_the_models_name() -> None:
    assert shorten_notation("dense all-MiniLM-L6-v2", 18) == "…all-MiniLM-L6-v2"
    assert shorten_notation("linear(bm25, dense all-MiniLM-L6-v2; weights=[2, 1])", 24) == "linear(bm25, de…M-L6-v2)"


@pytest.mark.parametrize("width", range(0, 12))
def test_crop_never_exceeds_the_width_with_wide_characters(width: int) -> None:
    pieces = crop([("维生素", "text"), ("🧬 B12", "term")], width)
    assert sum(cell_len(text) for text, _ in pieces) <= width


def test_marked_text_survives_spans_that_overlap_or_lie_outside() -> None:
    pieces = marked("folate lowers", [(0, 6), (3, 9), (9, 99), (50, 60), (4, 2)], "text")
    assert plain(pieces) == "folate lowers"
    assert all(role == "term" for _, role in pieces)


def test_marked_text_shows_markup_and_control_characters() -> None:
    assert plain(marked("[b]x[/b] \x1b[31m\x00", [], "text")) == "[b]x[/b] ␛[31m␀"


def test_flow_breaks_between_groups_only() -> None:
    lines = flow([[("nDCG@10 0.613", "text")]] * 3, 30)
    assert [plain(line) for line in lines] == ["nDCG@10 0.613  nDCG@10 0.613", "nDCG@10 0.613"]


def test_rows_of_a_list_are_aligned_whatever_their_scores_grades_and_scripts() -> None:
    rows = [
        Row(doc_id="a", score=14.22, grade=2),
        Row(doc_id="b", score=9.1, cut=True),
        Row(doc_id="c", score=None, grade=0),
    ]
    head = DocHead(title="维生素 B12 🧬 שלום", passage="缺乏" * 100)
    columns = Columns.of(rows, moves=True)
    lines = [row_lines(row, place, head, columns, 50, reference={"a": 7}) for place, row in enumerate(rows)]
    starts = {plain(first).index("维") for first, _ in lines}
    assert len(starts) == 1
    assert all(sum(cell_len(text) for text, _ in line) <= 50 for pair in lines for line in pair)
    first = [plain(pair[0]) for pair in lines]
    assert "●2" in first[0]
    assert "↑7" in first[0]
    assert "9.10†" in first[1]
    assert "×" in first[1]
    assert "…" in first[2]


def test_scores_that_differ_little_are_told_apart() -> None:
    rows = [Row(doc_id=str(number), score=1 / (60 + number)) for number in range(1, 4)]
    columns = Columns.of(rows, moves=False)
    shown = {plain(row_lines(row, 0, None, columns, 40)[0]) for row in rows}
    assert len(shown) == 3


@pytest.mark.parametrize("width", [1, 2, 3, 7, 20, 200])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("a", id="one letter"),
        pytest.param("one two  three", id="two blanks"),
        pytest.param("x" * 50, id="one long word"),
        pytest.param("维生素缺乏 B12 🧬🧬", id="wide characters"),
        pytest.param("a\n\nb\n", id="line breaks"),
        pytest.param("  indented word", id="indented"),
    ],
)
def test_wrapped_text_fits_and_loses_no_word(text: str, width: int) -> None:
    lines = wrap(text, width)
    shown = [text[start:end] for start, end in lines]
    assert all(cell_len(line) <= max(width, 2) for line in shown)
    assert "".join("".join(shown).split()) == "".join(text.split())
    assert len(lines) >= text.count("\n") + 1
