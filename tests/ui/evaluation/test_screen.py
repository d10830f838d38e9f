"""The other views of the evaluation screen, and where its keys lead: plots, matrix, reports, queries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.app import App

from tests.ui.reading import notices, text_of
from zsr_tui.api.evaluations import (
    CellView,
    CombinationsView,
    MatrixView,
    ReadCombinations,
    ReadMatrix,
    ReadPlot,
    ReadReport,
    ReportFile,
)
from zsr_tui.api.queries import ReadQueries
from zsr_tui.domain import Problem
from zsr_tui.ui.evaluation.screen import EvaluationScreen
from zsr_tui.ui.parts.file_screen import FileScreen
from zsr_tui.ui.parts.pieces import width_of
from zsr_tui.ui.queries.screen import QueriesScreen

from ..fake.engine import BM25, DENSE, RERANKED
from ..fake.evaluations import EvaluationEngine, view
from ..shell import settle, type_in
from .screen import line_of, opened_on


def drawn_for(screen: EvaluationScreen) -> tuple[int, int]:
    """The width and height in cells of what is drawn."""
    lines = screen.views.plot.lines_for(screen.views.plot.size.width)
    (width,) = {width_of(line) for line in lines}
    return width, len(lines)


async def test_the_plots_are_drawn_for_their_size_and_measure() -> None:
    engine = EvaluationEngine(view())
    async with opened_on(engine, size=(80, 24)) as (app, pilot, screen):
        assert "nDCG@10 plot size" in text_of(app)  # below the table
        for key, name in (("3", "size"), ("4", "average"), ("5", "depth")):
            await pilot.press(key)
            await settle(pilot)
            asked = engine.asked_for(ReadPlot)[-1]
            assert (asked.name, asked.measure) == (name, "nDCG@10")
            assert f"nDCG@10 plot {name}" in text_of(app)
            assert drawn_for(screen) == screen.views.plot.size
        await pilot.press("m")
        await settle(pilot)
        assert "AP plot depth" in text_of(app)
        asked_before = len(engine.asked_for(ReadPlot))
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        assert screen.views.plot.size.width == 100
        assert drawn_for(screen) == screen.views.plot.size
        assert len(engine.asked_for(ReadPlot)) == asked_before  # the screen has what it draws
        engine.problems[ReadPlot] = Problem("none of these systems ends with a reranker.")
        await pilot.press("m")
        await settle(pilot)
        assert "none of these systems ends with a reranker." in text_of(app)
        assert "plot depth" not in text_of(app)


async def test_the_curve_of_weights_says_what_it_shows_and_goes_round_the_fused_pairs() -> None:
    engine = EvaluationEngine(view())
    async with opened_on(engine, size=(80, 24)) as (app, pilot, _):
        await pilot.press("w")  # of no use elsewhere
        await pilot.press("7")
        await settle(pilot)
        assert "nDCG@10 plot weights" in text_of(app)
        assert "bm25 is alone" in text_of(app)
        assert engine.asked_for(ReadPlot)[-1].pair == 0
        await pilot.press("w")
        await settle(pilot)
        assert engine.asked_for(ReadPlot)[-1].pair == 1
        await pilot.press("5")
        await settle(pilot)
        assert "bm25 is alone" not in text_of(app)
        assert engine.asked_for(ReadPlot)[-1].pair == 0


async def test_the_matrix_marks_the_best_and_shows_averages() -> None:
    engine = EvaluationEngine(view())
    engine.matrix = MatrixView(
        measure="nDCG@10",
        systems=(BM25, DENSE, RERANKED),
        datasets=("msmarco-passage/dev", "beir/scifact/test", "beir/nfcorpus/test"),
        cells=((0.23, 0.68, 0.32), (0.33, 0.65, None), (0.4, 0.69, 0.34)),
        averages=(0.68, 0.65, 0.69),
        common=("beir/scifact/test",),
        best=((2,), (2,), (2,)),
        in_domain="msmarco-passage/dev",
        correlation=0.33,
    )
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press(*["shift+tab"] * 4)
        await settle(pilot)
        assert "▶6 Matrix" in text_of(app)
        assert "over the datasets' own judgments" in text_of(app)
        assert line_of(pilot, "bm25 % 100").count("*") == 4
        assert "–" in line_of(pilot, "dense(")
        assert "average of 1 " in text_of(app)
        assert "that all have" in line_of(pilot, "nDCG@10 by system")
        assert "average over beir/scifact/test, which all systems have" in text_of(app)
        assert "Kendall's τ +0.33" in text_of(app)
        engine.matrix = msgspec.structs.replace(
            engine.matrix,
            cells=((0.23, 0.68, 0.32), (0.33, None, None), (0.4, 0.69, 0.34)),
            averages=(0.5, None, 0.515),
            common=("beir/scifact/test", "beir/nfcorpus/test"),
            correlation=-0.5,
        )
        await pilot.press("5", "6")
        await settle(pilot)
        assert "average of 2 " in text_of(app)
        assert "that 2 have" in line_of(pilot, "nDCG@10 by system")
        assert line_of(pilot, "dense(").split()[-4:] == ["–", "0.3300", "–", "–"]
        assert "average over beir/scifact/test, beir/nfcorpus/test: – lacks one of them" in text_of(app)
        assert "Kendall's τ −0.50" in text_of(app)
        engine.matrix = msgspec.structs.replace(
            engine.matrix,
            counting=("own", "dataset"),
            beside=("dataset",),
            cells_beside=((0.23, 0.68, 0.3), (0.33, None, None), (0.4, 0.69, 0.34)),
            averages_beside=(0.49, None, 0.515),
        )
        await pilot.press("O")
        await settle(pilot)
        assert engine.asked_for(ReadMatrix)[-1].counting == ("own", "dataset")
        own = line_of(pilot, "bm25 ").split()
        assert ("●.3000" in own, "●.4900" in own, own.count("●.3000")) == (True, True, 1)
        assert "over own, then the dataset's; ● over the dataset's, where it is another" in text_of(app)


async def test_the_grid_has_rerankers_by_retrievers_with_what_each_gains() -> None:
    engine = EvaluationEngine(view())
    gain = CellView(mean=0.75, difference=0.07, p_holm=0.001)
    loss = CellView(mean=0.64, difference=-0.01, p_holm=0.4)
    engine.answers[ReadCombinations] = lambda asked: CombinationsView(
        measure=asked.measure,
        rows=("bm25", "dense M"),
        columns=("MiniLM-L-12", "monoT5"),
        alone=(CellView(mean=0.68), CellView(mean=0.65)),
        cells=((gain, None), (loss, gain)),
        test=asked.test,
    )
    async with opened_on(engine, size=(80, 24)) as (app, pilot, _):
        await pilot.press("8")
        await settle(pilot)
        assert "nDCG@10 by retriever" in text_of(app)
        assert line_of(pilot, "> bm25").split() == [">", "bm25", "0.6800", "0.7500*", "+0.0700▲", "–"]
        assert line_of(pilot, "dense M").split() == ["dense", "M", "0.6500", "0.6400", "−0.0100", "0.7500*", "+0.0700▲"]
        assert "significantly better, worse" in text_of(app)
        assert "7 Weights ▶8 Grid" not in text_of(app)  # no room is left between them ...
        assert text_of(app).split("\n")[1].rstrip().endswith(" 7 Weights▶8 Grid")  # ... but none is cut
        await pilot.press("m")
        await settle(pilot)
        assert engine.asked_for(ReadCombinations)[-1].measure == "AP"
        assert "AP by retriever" in text_of(app)
        engine.answers[ReadCombinations] = lambda _: None
        await pilot.press("m")
        await settle(pilot)
        assert "None of these systems ends with a reranker." in text_of(app)


async def test_without_a_complete_evaluation_the_matrix_says_so() -> None:
    engine = EvaluationEngine()
    async with opened_on(engine, size=(80, 24)) as (app, pilot, _):
        await pilot.press("6")
        await settle(pilot)
        assert "No complete evaluation of all queries of a dataset has nDCG@10." in text_of(app)
        await pilot.press("3")
        await settle(pilot)
        assert "No evaluation yet." in text_of(app)
        assert "n starts one" in text_of(app)


async def test_a_report_is_written_with_what_the_table_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    engine = EvaluationEngine(view())
    async with opened_on(engine, size=(80, 24)) as (app, pilot, overview):
        await pilot.press("down", "b")
        await settle(pilot)
        await pilot.press("v", "m", "x")
        await settle(pilot)
        await pilot.press("ctrl+u")
        await type_in(pilot, "out/table.tex")
        await pilot.press("enter")
        await settle(pilot)
        (asked,) = engine.asked_for(ReadReport)
        assert asked == ReadReport(id="e1", format=".tex", baseline=1, test="randomisation", measure="AP")
        path = tmp_path / "out/table.tex"
        assert path.read_text() == "a report"
        assert f"The report is in {path}." in notices(app)
        assert app.screen is overview


async def test_formulas_in_a_csv_report_are_said_and_one_key_of_the_dialog_writes_them_as_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = EvaluationEngine(view())
    engine.answers[ReadReport] = lambda asked: [ReportFile(content=b"", formulas=0 if asked.spreadsheet else 2)]
    async with opened_on(engine, size=(80, 24)) as (app, pilot, _):
        for keys, mark in ((("ctrl+t", "ctrl+t"), "[ ]"), (("ctrl+t", "f4"), "[x]")):
            await pilot.press("x")
            await settle(pilot)
            await pilot.press("ctrl+u", *"x.csv", *keys)
            await settle(pilot)
            assert f"{mark} ctrl+t: in .csv, ' before what a spreadsheet would compute" in text_of(app)
            assert f"{mark} f4: in .html .md .json, why documents are on top or missed" in text_of(app)
            await pilot.press("enter")
            await settle(pilot)
            if mark == "[x]":  # the file is there since the first time
                assert "x.csv is there already: Enter again replaces it, or type another name." in sentences(app)
                await pilot.press("enter")
                await settle(pilot)
        said = [each for each in notices(app) if "x.csv" in each]
    assert [asked.spreadsheet for asked in engine.asked_for(ReadReport)] == [False, True]
    warned = ["2 fields of x.csv would be computed by a spreadsheet: ctrl+t in the dialog" in each for each in said]
    assert warned == [True, False]


def sentences(app: App[Any]) -> str:
    """What is shown, without the dialog's borders and line breaks."""
    return " ".join(text_of(app).replace("│", " ").split())


async def test_a_report_that_cannot_be_written_keeps_the_dialog_with_the_path_and_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = EvaluationEngine(view())
    async with opened_on(engine, size=(80, 24)) as (app, pilot, overview):
        await pilot.press("x")
        await settle(pilot)
        dialog = app.screen
        assert isinstance(dialog, FileScreen)
        await pilot.press("ctrl+u")
        await type_in(pilot, "~nobody-here/x")
        engine.problems[ReadReport] = Problem("MRR was not evaluated: choose AP.")
        await pilot.press(*".csv", "enter")
        await settle(pilot)
        assert app.screen is dialog
        assert "does not exist: make it, or choose" in sentences(app)
        assert "~nobody-here/x.csv" in text_of(app)
        (tmp_path / "~nobody-here").mkdir()
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen is dialog
        assert "MRR was not evaluated: choose AP." in text_of(app)
        await pilot.press("backspace", "backspace", *"sv")  # letters are still letters
        await settle(pilot)
        assert "~nobody-here/x.csv" in text_of(app)
        assert "was not evaluated" not in text_of(app)  # it may be another path now
        engine.problems.clear()
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen is overview
        assert len(engine.asked_for(ReadReport)) == 2
        assert (tmp_path / "~nobody-here/x.csv").read_text() == "a report"


async def test_enter_on_a_system_opens_its_queries() -> None:
    engine = EvaluationEngine(view())
    async with opened_on(engine) as (app, pilot, overview):
        await pilot.press("down", "b")
        await settle(pilot)
        await pilot.press("m", "down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, QueriesScreen)
        asked = engine.asked_for(ReadQueries)[-1]
        assert (asked.id, asked.selection.system, asked.selection.measure, asked.selection.baseline) == (
            "e1",
            2,
            "AP",
            1,
        )
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is overview


async def test_the_keys_of_the_screen_are_in_its_help() -> None:
    engine = EvaluationEngine(view())
    async with opened_on(engine, size=(120, 60)) as (app, pilot, _):
        await pilot.press("f1")
        await settle(pilot)
        assert "Choose the baseline" in text_of(app)
        assert "Type a query" not in text_of(app)
