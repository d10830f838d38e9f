from __future__ import annotations

import dataclasses
import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.evaluation.report.example import RUN_NAME, SYSTEMS, contents, evaluation
from zsr_tui.evaluation.comparison import summary
from zsr_tui.evaluation.report import tables
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.headline import lead
from zsr_tui.evaluation.report.page.rendering import environment
from zsr_tui.evaluation.report.table import DOWN, UP, Cell, Column, Table, escape_latex, latex, markdown
from zsr_tui.numerals import signed


def test_the_best_of_a_column_is_marked_and_the_significant_ones_too() -> None:
    table = tables.summary_table(contents())
    names = [row[0].text for row in table.rows]
    column = [each.name for each in table.columns].index("nDCG@10")
    cells = dict(zip(names, (row[column] for row in table.rows), strict=True))
    assert [name for name, cell in cells.items() if cell.best] == ["monoT5-3B"]
    assert cells["monoT5-3B"].mark == UP
    assert cells[RUN_NAME].mark == DOWN
    assert cells["BM25"].mark == ""
    assert any("Holm" in note and "BM25" in note for note in table.notes)
    assert any("39 of 40 queries" in note for note in table.notes)


def test_how_much_was_judged_is_no_contest() -> None:
    made = contents()
    table = tables.summary_table(made)
    column = [each.name for each in table.columns].index("Judged@10")
    assert not any(row[column].best or row[column].mark for row in table.rows)
    assert not any("Judged" in each.title for each in tables.difference_tables(made))


def test_equal_means_are_all_best_and_a_single_system_is_none() -> None:
    alone = Contents(evaluation(5, systems=[0]))
    assert not any(cell.best for row in tables.summary_table(alone).rows for cell in row)
    assert tables.summary_table(alone).notes == ()
    assert tables.difference_tables(alone) == []
    twice = evaluation(5, systems=[0, 1, 2])
    twice.values[1] = twice.values[2]
    twice.values[0] = 0.0
    table = tables.summary_table(Contents(twice))
    assert [row[2].best for row in table.rows] == [False, True, True]


def test_differences_have_signs_intervals_and_corrected_p() -> None:
    (table, *_) = tables.difference_tables(contents())
    row = next(row for row in table.rows if row[0].text == "monoT5-3B")
    by_name = dict(zip((column.name for column in table.columns), row, strict=True))
    assert by_name["difference"].text.startswith("+0.1")
    assert re.fullmatch(r"\+0\.\d{4} … \+0\.\d{4}", by_name["95% interval"].text)
    assert by_name["p (Holm)"].best
    assert int(by_name["win"].text) + int(by_name["tie"].text) + int(by_name["loss"].text) == 40
    assert not any(row[0].text == "BM25" for row in table.rows)


def test_a_system_that_failed_has_dashes_and_its_reason() -> None:
    made = evaluation(5, systems=[0, 1, 2])
    made.values[1, :, 3:] = math.nan  # after three queries, whose figures are not the system's
    systems = (made.systems[0], dataclasses.replace(made.systems[1], failed="the model is not here."), made.systems[2])
    made = dataclasses.replace(made, systems=systems)
    table = tables.summary_table(Contents(made))
    assert [cell.text for cell in table.rows[1][2:5]] == ["–", "–", "–"]
    assert any("the model is not here." in note for note in table.notes)
    (row,) = [row for row in summary(made).rows if row.system == 1]
    assert all(math.isnan(cell.mean) and math.isnan(cell.maximum) for cell in row.cells.values())
    assert all(cell.against is None for cell in row.cells.values())
    beside_a_failed_baseline = summary(made, baseline=1).rows[2]
    assert all(cell.against is None for cell in beside_a_failed_baseline.cells.values())


def test_labels_that_two_systems_share_give_way_to_notations() -> None:
    twin = dataclasses.replace(SYSTEMS[1], notation="bm25 % 1000 >> cross-encoder/ms-marco-MiniLM-L-6-v2")
    made = evaluation(3, systems=[0, 1, 2])
    made = dataclasses.replace(made, systems=(*made.systems[:2], twin))
    assert made.names == ["BM25", SYSTEMS[1].notation, twin.notation]


def test_published_figures_stand_beside_measured_ones() -> None:
    table = tables.published_table(contents())
    assert table is not None
    rows = {row[0].text: [cell.text for cell in row] for row in table.rows}
    measured = float(tables.summary_table(contents()).rows[0][2].text)
    assert rows["bm25-flat"][1:5] == ["BM25", "0.6789", f"{measured:.4f}", signed(measured - 0.6789)]
    assert rows["bm25-flat"][5] == "0.9253"  # R@100
    assert rows["contriever"][1:4] == ["–", "0.6493", "–"]
    nfcorpus = tables.published_table(contents(dataset="beir/nfcorpus/test"))
    assert nfcorpus is not None
    (row,) = [row for row in nfcorpus.rows if row[0].text == "monoT5-3B"]
    assert row[2].text == "0.383"
    assert "published with 1,000 candidates, measured with 100" in row[-1].text
    average = tables.published_table(contents(dataset="beir"))
    assert average is not None
    assert {row[2].text[:1] for row in average.rows} == {"≈"}
    assert any("read off a plot" in note for note in average.notes)
    assert tables.published_table(contents(dataset="demo")) is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"rejudged": True}, "over other judgments than the dataset's own", id="other judgments"),
        pytest.param({"drop_self": False}, "of lists in which a query finds itself", id="self-hits"),
    ],
)
def test_what_is_measured_otherwise_is_not_subtracted_from_what_was_published(
    changed: dict[str, bool], said: str
) -> None:
    made = evaluation()
    provenance = dataclasses.replace(made.provenance, drop_self=changed.get("drop_self", True))
    made = dataclasses.replace(made, provenance=provenance, rejudged=changed.get("rejudged", False))
    table = tables.published_table(Contents(made))
    assert table is not None
    differences = [place for place, column in enumerate(table.columns) if column.name == "difference"]
    assert {row[place].text for row in table.rows for place in differences} == {"–"}
    assert table.notes[-1] == f"The measured figures are {said}. So there is no difference."


def test_a_subset_is_said_where_published_figures_are_for_all_queries() -> None:
    made = contents()
    part = dataclasses.replace(made.evaluation.provenance, subset="the first 40 queries")
    made = dataclasses.replace(made, evaluation=dataclasses.replace(made.evaluation, provenance=part))
    table = tables.published_table(made)
    assert table is not None
    assert any("the first 40 queries" in note for note in table.notes)
    assert {row[4].text for row in table.rows} == {"–"}
    (measured,) = [row[3].text for row in table.rows if row[0].text == "bm25-flat"]
    assert measured == tables.summary_table(made).rows[0][2].text


def test_a_system_that_lacks_a_query_has_no_difference_to_a_published_figure() -> None:
    made = contents()
    made.evaluation.values[0, :, 5] = np.nan
    table = tables.published_table(dataclasses.replace(made))
    assert table is not None
    (row,) = [row for row in table.rows if row[0].text == "bm25-flat"]
    assert (row[1].text, row[4].text) == ("BM25", "–")
    assert any("has not run every query" in note for note in table.notes)


def test_the_main_result_is_a_sentence() -> None:
    (said,) = lead(contents())
    best = max(tables.summary_table(contents()).rows, key=lambda row: row[2].order or 0)
    assert said.startswith(f"Highest mean nDCG@10: {best[0].text}, {best[2].text}, +")
    assert "against BM25; the difference is significant (paired randomisation test, p " in said
    made = contents()
    made.evaluation.values[0] = 1.0
    assert "it is the baseline, and no system is better" in lead(Contents(made.evaluation))[0]
    assert lead(Contents(evaluation(5, systems=[0]))) == []


AWKWARD = [
    pytest.param(RUN_NAME, id="run of a user"),
    pytest.param("a|b", id="pipe"),
    pytest.param("**x**", id="bold"),
    pytest.param("a_b_c", id="underscores"),
    pytest.param("`code`", id="code"),
    pytest.param("\\", id="backslash"),
    pytest.param("line\nbreak", id="line break"),
    pytest.param("\x1b[0m", id="escape code"),
    pytest.param("{}", id="braces"),
    pytest.param("%", id="per cent"),
    pytest.param("#1", id="hash"),
    pytest.param("~^", id="tilde"),
    pytest.param('"q"', id="quotes"),
    pytest.param("[x]", id="brackets"),
    pytest.param("é 漢", id="accents and Chinese"),
]


@pytest.mark.parametrize("name", AWKWARD)
def test_every_name_keeps_its_place_in_markdown(name: str) -> None:
    table = Table("t", (Column(name, number=False), Column("n")), ((Cell(name), Cell("1", best=True, mark=UP)),))
    lines = [line for line in markdown(table).splitlines() if line.startswith("|")]
    assert len(lines) == 3
    for line in lines:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 3
    assert f"**1**{UP}" in lines[2]
    assert not re.search(r"(?<!\\)[<*_`]", lines[2].replace(f"**1**{UP}", ""))


@pytest.mark.parametrize("name", AWKWARD)
def test_every_name_keeps_its_place_in_latex(name: str) -> None:
    table = Table(name, (Column(name, number=False), Column("n")), ((Cell(name, True), Cell("1", mark=DOWN)),), (name,))
    source = latex(table, "x")
    body = source[source.index(r"\midrule") : source.index(r"\bottomrule")].splitlines()[1]
    assert len(re.findall(r"(?<!\\)&", body)) == 1
    assert body.endswith(r"$^{\downarrow}$ \\")
    plain = re.sub(r"\\[{}]", "", source)
    assert plain.count("{") == plain.count("}")
    assert not re.search(r"(?<!\\)[%#_]", source.replace("{!}{%\n", ""))
    assert source.replace(r"\$", "").count("$") % 2 == 0


@pytest.mark.parametrize(
    ("text", "source"),
    [
        pytest.param("≥ 5 × 10 − 2 ≈ 3", r"$\geq$ 5 $\times$ 10 $-$ 2 $\approx$ 3", id="mathematical signs"),
        pytest.param("my_run 100%", r"my\_run 100\%", id="underscore and per cent"),
        pytest.param("zsr-tui --run – x", "zsr-tui -{}-run -- x", id="dashes"),
        pytest.param("Müller's Ąę", "Müller's Ae", id="accents"),
        pytest.param("漢字 🙂", "?? ?", id="what LaTeX has not"),
        pytest.param("?`x", r"?\textasciigrave{}x", id="backtick"),
    ],
)
def test_latex_says_what_was_written(text: str, source: str) -> None:
    """What pdfLaTeX could not set is an error there, so it is not in the file."""
    assert escape_latex(text) == source


def test_wide_latex_tables_are_made_smaller_and_long_texts_broken() -> None:
    names = [Column(f"bm25 % 100 >> org/model-{n}-with-a-long-name") for n in range(4)]
    about = Cell("relevant, among the first 10 before reranking and not after it")
    row = (Cell("demoted"), *(Cell("1") for _ in names), about)
    columns = (Column("class", number=False), *names, Column("meaning", number=False))
    source = latex(Table("t", columns, (row,)), "x")
    assert r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}" in source
    assert r"\begin{tabular}{lrrrrp{18em}}" in source
    assert source.count(r"\parbox[b]{7em}{\raggedleft bm25") == 4
    assert r"org\slash{}model" in source


@given(st.text(max_size=30))
def test_latex_of_any_text_is_balanced(text: str) -> None:
    escaped = escape_latex(text)
    plain = re.sub(r"\\[{}$&#_%]", "", escaped)
    assert plain.count("{") == plain.count("}")
    assert not re.search(r"[&#_%~^<>\"|\n\x00-\x1f]", re.sub(r"\$[^$]*\$", "", plain))


PARTS: Any = environment().get_template("parts.html").module  # made before an example is timed


@given(st.text(max_size=30))
def test_html_of_any_text_is_text(text: str) -> None:
    table = Table(text, (Column(text), Column("n")), ((Cell(text, mark=UP), Cell("1")),), (text,))
    made = str(PARTS.table(table))
    inside = re.sub(
        r"</?(?:h3|div|table|thead|tbody|tr|th|td|p|strong|span)(?: [a-z-]+=(?:\"[^\"<>]*\"|n))*>", "", made
    )
    assert "<" not in inside
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", made)


def test_no_template_switches_escaping_off() -> None:
    made = environment()
    assert made.autoescape is True
    assert made.loader is not None
    for name in made.list_templates(extensions=["html"]):
        source, _, _ = made.loader.get_source(made, name)
        assert not re.search(r"\bsafe\b|autoescape|\{%-?\s*raw", source), name


def test_the_matrix_is_the_papers_main_table() -> None:
    made = contents()
    assert made.matrix is not None
    table = tables.matrix_table(made.matrix)
    assert [column.name for column in table.columns] == ["system", "scifact", "nfcorpus", "msmarco/dev", "average"]
    assert [cell.text for cell in table.rows[1][1:]] == ["0.688", "0.350", "–", "0.519"]
    assert [cell.best for cell in table.rows[2][1:]] == [True, True, True, True]
    assert any("tau-b 0.667" in note for note in table.notes)


def test_the_best_depth_of_each_system_is_marked() -> None:
    table = tables.depth_table(contents())
    assert table is not None
    assert [column.name for column in table.columns] == ["system", "0", "10", "20"]
    assert [row[0].text for row in table.rows] == ["MiniLM-L-6", "monoT5-base", "monoT5-3B"]
    for row in table.rows:
        values = [float(cell.text) for cell in row[1:]]
        assert [cell.best for cell in row[1:]] == [each == max(values) for each in values]
    assert len({row[1].text for row in table.rows}) == 1  # before reranking they are one list


def test_every_failure_class_is_counted_for_every_system() -> None:
    table = tables.classes_table(contents())
    assert table is not None
    rows = {row[0].text: [cell.text for cell in row[1:7]] for row in table.rows}
    assert rows["not retrieved"] == ["40"] * 6  # one relevant document that nobody finds, of each query
    assert rows["demoted"][0] == "–"  # BM25 has no reranker
    assert int(rows["below the rerank depth"][1]) > 0
    assert rows["pushed down"][0] == "–"
    assert any("no reranker" in note for note in table.notes)


def test_a_breakdown_has_a_row_for_each_system_and_its_counts_on_top() -> None:
    made = contents()
    table = tables.breakdown_table(made.breakdowns[0], made.evaluation.names)
    assert [row[0].text for row in table.rows] == ["queries", *made.evaluation.names]
    assert sum(int(cell.text) for cell in table.rows[0][1:]) == 40
    assert table.title.endswith("(words)")
    for column in range(1, len(table.columns)):
        values = [row[column] for row in table.rows[1:]]
        assert {cell.text for cell in values if cell.best} == {max(cell.text for cell in values)}
