"""The stored evaluations: the table, its baseline, test and measure, plots, matrix, reports, deleting."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui.api.evaluations import CellView, MatrixView, PublishedFigure
from zsr_tui.domain import Problem
from zsr_tui.ui.evaluation.about import AboutEvaluationScreen
from zsr_tui.ui.evaluation.messages import TableRead
from zsr_tui.ui.evaluation.report import ReportPathScreen
from zsr_tui.ui.evaluation.screen import EvaluationOverviewScreen
from zsr_tui.ui.queries.screen import EvaluationQueriesScreen

from ..fake_engine import BM25, DENSE, RERANKED
from ..shell import settle, type_in
from .engine import EvaluationEngine, view
from .screen import SIZES, app_with, line_of, opened


@pytest.mark.parametrize("size", SIZES)
async def test_the_newest_evaluation_of_the_dataset_opens_and_every_column_can_be_reached(
    size: tuple[int, int],
) -> None:
    engine = EvaluationEngine()
    engine.store(view("other", dataset="beir/scifact/test"), view("e1"), view("older"))
    app = app_with(engine)
    async with app.run_test(size=size) as pilot:
        screen = await opened(pilot)
        assert engine.calls("/evaluation")[-1]["id"] == "e1"
        assert "6 queries · complete" in text_of(app)
        assert "0.9197*▲" in line_of(pilot, "L-12")  # the best, and significantly better
        assert "0.6312 " in line_of(pilot, "all-MiniLM")  # not significantly
        assert "baseline" in line_of(pilot, "◆ bm25")
        seen = text_of(app)
        for _ in range(30):
            await pilot.press("right")
            await pilot.pause()
            seen += text_of(app)
        for head in ("params", "p (Holm)", "effect d", "95 % interval", "win/tie/loss", "AP", "Judged@10", "ms/query"):
            assert head in seen, head
        for figure in ("+0.3066", "<0.001", "+0.62", "4/1/1", "22.7M", "61.0", "judged only", "0.9297", "self-hits"):
            assert figure in seen, figure
        assert "0.9197–1.0000" in seen  # the bounds
        await pilot.press(*["left"] * 30)
        await settle(pilot)
        assert screen.table.grid.first == 0
        for line in text_of(app).split("\n"):
            assert len(line) <= size[0]


async def test_published_figures_stand_beside_the_measured_ones() -> None:
    engine = EvaluationEngine()
    engine.store(view())
    exact = {"system": 0, "measure": "nDCG@10", "value": 0.6789, "digits": 4, "approximate": False}
    engine.published = [
        PublishedFigure(**exact, name="bm25-flat", source="pyserini 1.6.0"),  # type: ignore[arg-type]
        PublishedFigure(
            system=2,
            measure="nDCG@10",
            value=0.71,
            digits=3,
            approximate=True,
            name="MiniLM",
            source="the paper",
            difference="published with 1,000 candidates, measured with 100",
        ),
    ]
    app = app_with(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press(*["right"] * 30)
        await settle(pilot)
        assert "0.6789" in line_of(pilot, "◆ bm25")
        assert "−0.0658" in line_of(pilot, "◆ bm25")
        assert "≈0.710" in line_of(pilot, "L-12")
        await pilot.press("end")
        await settle(pilot)
    async with app_with(engine).run_test(size=(200, 50)) as pilot:
        await opened(pilot)
        await pilot.press("end")
        await settle(pilot)
        assert "published ≈0.710: MiniLM, the paper; published with 1,000 candidates" in text_of(pilot.app)


async def test_baseline_test_and_measure_are_chosen_with_keys() -> None:
    engine = EvaluationEngine()
    engine.store(view())
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("down", "b")
        await settle(pilot)
        assert engine.calls("/evaluation")[-1] == {"id": "e1", "baseline": 1, "test": "t"}
        assert "against dense all-MiniLM-L6-v2 ─" in text_of(app)
        assert "baseline" in line_of(pilot, "2 ◆ dense")
        await pilot.press("b")
        await settle(pilot)
        assert "This system is the baseline already." in notices(app)
        await pilot.press("v")
        await settle(pilot)
        assert engine.calls("/evaluation")[-1] == {"id": "e1", "baseline": 1, "test": "randomisation"}
        assert "randomisation test, Holm" in text_of(app)
        await pilot.press("m")
        await settle(pilot)
        assert "AP · randomisation test" in text_of(app)
        heads = line_of(pilot, "params").split()
        assert heads[:3] == ["system", "params", "AP"]


async def test_notes_and_failures_have_a_line_each_and_all_can_be_read() -> None:
    engine = EvaluationEngine()
    notes = tuple(f"[b]note[/b] {number} of other.run." for number in range(8))
    engine.store(
        view(
            systems=(BM25, RERANKED, "/runs/other.run"),
            means=(0.6, None, 0.5),
            failed={1: "the model\x1b[31m needs 11 GB."},
            notes=notes,
            state="stopped",
            done=4,
        )
    )
    app = app_with(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "✗ bm25 % 100 >> MiniLM-L-12: the model␛[31m needs 11 GB." in text_of(app)
        assert "! [b]note[/b] 0 of other.run." in text_of(app)
        assert "… and 7 more: i shows all" in text_of(app)
        assert "–" in line_of(pilot, "2   bm25 %")
        await pilot.press("i")
        await settle(pilot)
        assert isinstance(app.screen, AboutEvaluationScreen)
        assert "note[/b] 7 of other.run." in text_of(app)
        await pilot.press("end")
        await settle(pilot)
        assert "sha256 0123" in text_of(app)
    async with app_with(engine).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        assert "! [b]note[/b] 7 of other.run." in text_of(pilot.app)


def drawn_for(screen: EvaluationOverviewScreen) -> tuple[int, int]:
    """The width and height in cells of what is drawn."""
    lines = screen.views.plot.text.split("\n")
    (width,) = {len(line) for line in lines}
    return width, len(lines)


async def test_the_plots_are_drawn_for_their_size_and_measure() -> None:
    engine = EvaluationEngine()
    engine.store(view())
    app = app_with(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        assert "nDCG@10 plot size" in text_of(app)  # below the table
        for key, name in (("3", "size"), ("4", "average"), ("5", "depth")):
            await pilot.press(key)
            await settle(pilot)
            asked = engine.calls("/evaluation/plot")[-1]
            assert (asked["name"], asked["measure"]) == (name, "nDCG@10")
            assert f"nDCG@10 plot {name}" in text_of(app)
            assert drawn_for(screen) == screen.views.plot.size
        await pilot.press("m")
        await settle(pilot)
        assert "AP plot depth" in text_of(app)
        asked_before = len(engine.calls("/evaluation/plot"))
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        assert screen.views.plot.size.width == 100
        assert drawn_for(screen) == screen.views.plot.size
        assert len(engine.calls("/evaluation/plot")) == asked_before  # the screen has what it draws
        engine.problems["/evaluation/plot"] = Problem("none of these systems ends with a reranker.")
        await pilot.press("m")
        await settle(pilot)
        assert "none of these systems ends with a reranker." in text_of(app)
        assert "plot depth" not in text_of(app)


async def test_the_matrix_marks_the_best_and_shows_averages() -> None:
    engine = EvaluationEngine()
    engine.store(view())
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
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("shift+tab", "shift+tab")
        await settle(pilot)
        assert "▶6 Matrix" in text_of(app)
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


async def test_without_a_complete_evaluation_the_matrix_says_so() -> None:
    engine = EvaluationEngine()
    app = app_with(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("6")
        await settle(pilot)
        assert "No complete evaluation of all queries of a dataset has nDCG@10." in text_of(app)
        await pilot.press("3")
        await settle(pilot)
        assert "No evaluation yet." in text_of(app)
        assert "n starts one" in text_of(app)


async def test_after_a_deletion_the_cursor_is_on_the_next_evaluation_not_on_the_open_one() -> None:
    engine = EvaluationEngine()
    engine.store(view("e1"), *(view(f"e{n}", dataset=f"beir/x{n}/test") for n in (2, 3, 4)))
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("1", "home", "down", "down")
        await settle(pilot)
        chosen = next(line.split()[1] for line in text_of(app).splitlines() if line.startswith("> "))
        await pilot.press("delete")
        await settle(pilot)
        await pilot.press("left", "enter")
        await settle(pilot)
        assert engine.calls("/evaluation", "DELETE") != []
        after = next(line.split()[1] for line in text_of(app).splitlines() if line.startswith("> "))
        assert after not in ("demo", chosen)


async def test_figures_of_a_part_of_the_queries_are_provisional() -> None:
    engine = EvaluationEngine()
    engine.store(view("e1", state="stopped", done=2))
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        assert "provisional, 2 of 6 queries · ◆ baseline" in text_of(app)


async def test_the_list_opens_and_deletes_after_a_question() -> None:
    engine = EvaluationEngine()
    engine.store(view("e1"), view("e2", dataset="beir/scifact/test", state="stopped", done=2, subset="the first 6"))
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("1", "down")
        await settle(pilot)
        assert "2 of 6" in line_of(pilot, "> beir/scifact/test")
        assert "stopped" in line_of(pilot, "> beir/scifact/test")
        await pilot.press("delete")
        await settle(pilot)
        assert "Delete this evaluation?" in text_of(app)
        await pilot.press("escape")
        await settle(pilot)
        assert engine.calls("/evaluation", "DELETE") == []
        await pilot.press("enter")
        await settle(pilot)
        assert engine.calls("/evaluation")[-1]["id"] == "e2"
        assert "2 of 6 queries · stopped · the first 6" in text_of(app)
        await pilot.press("delete")
        await settle(pilot)
        await pilot.press("enter")  # without a second thought
        await settle(pilot)
        assert engine.calls("/evaluation", "DELETE") == []
        await pilot.press("delete")
        await settle(pilot)
        await pilot.press("left", "enter")
        await settle(pilot)
        assert engine.calls("/evaluation", "DELETE") == [{"id": "e2"}]
        assert engine.calls("/evaluation")[-1]["id"] == "e1"
        assert "6 queries · complete" in text_of(app)


async def test_what_cannot_be_deleted_stays_and_says_why() -> None:
    engine = EvaluationEngine()
    engine.store(view())
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        engine.problems["/evaluation"] = Problem("the evaluation is running: stop it before it is deleted.")
        await pilot.press("delete")
        await settle(pilot)
        await pilot.press("left", "enter")
        await settle(pilot)
        assert "the evaluation is running: stop it before it is deleted." in text_of(app)
        assert "0.9197" in text_of(app)


async def test_a_report_is_written_with_what_the_table_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    engine = EvaluationEngine()
    engine.store(view())
    app = app_with(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        overview = await opened(pilot)
        await pilot.press("down", "b")
        await settle(pilot)
        await pilot.press("v", "m", "x")
        await settle(pilot)
        await pilot.press("ctrl+u")
        await type_in(pilot, "out/table.tex")
        await pilot.press("enter")
        await settle(pilot)
        (asked,) = engine.calls("/evaluation/report", "POST")
        assert asked == {"id": "e1", "format": ".tex", "baseline": 1, "test": "randomisation", "measure": "AP"}
        path = tmp_path / "out/table.tex"
        assert path.read_text() == "a report"
        assert f"The report is in {path}." in notices(app)
        assert app.screen is overview


async def test_a_report_that_cannot_be_written_keeps_the_dialog_with_the_path_and_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = EvaluationEngine()
    engine.store(view())
    app = app_with(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        overview = await opened(pilot)
        await pilot.press("x")
        await settle(pilot)
        dialog = app.screen
        assert isinstance(dialog, ReportPathScreen)
        await pilot.press("ctrl+u")
        await type_in(pilot, "~nobody-here/x")
        engine.problems["/evaluation/report"] = Problem("MRR was not evaluated: choose AP.")
        await pilot.press(*".csv", "enter")
        await settle(pilot)
        assert app.screen is dialog
        assert "does not exist: make it, or choose" in " ".join(text_of(app).split())
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
        assert len(engine.calls("/evaluation/report", "POST")) == 2
        assert (tmp_path / "~nobody-here/x.csv").read_text() == "a report"


async def test_resuming_asks_for_what_was_stored() -> None:
    engine = EvaluationEngine()
    engine.store(view(state="stopped", done=2))
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "Evaluated." in text_of(app))
        assert engine.calls("/evaluation/request") == [{"id": "e1"}]
        assert engine.evaluated[0].measures == engine.changed.measures
    engine = EvaluationEngine()
    engine.store(view())
    async with app_with(engine).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("r")
        await settle(pilot)
        assert "This evaluation is complete." in notices(pilot.app)


async def test_enter_on_a_system_opens_its_queries() -> None:
    engine = EvaluationEngine()
    engine.store(view())
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        overview = await opened(pilot)
        await pilot.press("down", "b")
        await settle(pilot)
        await pilot.press("m", "down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, EvaluationQueriesScreen)
        asked = engine.calls("/evaluation/queries")[-1]
        assert (asked["id"], asked["system"], asked["measure"], asked["baseline"]) == ("e1", 2, "AP", 1)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is overview


async def test_a_test_that_cannot_be_computed_leaves_the_table_as_it_was() -> None:
    engine = EvaluationEngine()
    engine.store(view())
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        engine.problems["/evaluation"] = Problem("the engine does not answer; its log is at /x/engine.log.")
        await pilot.press("v")
        await settle(pilot)
        assert "the engine does not answer" in text_of(app)
        assert "nDCG@10 · paired t-test" in text_of(app)
        assert "0.9197*▲" in text_of(app)


async def test_the_keys_of_the_screen_are_in_its_help() -> None:
    engine = EvaluationEngine()
    engine.store(view())
    app = app_with(engine)
    async with app.run_test(size=(120, 60)) as pilot:
        await opened(pilot)
        await pilot.press("f1")
        await settle(pilot)
        assert "Choose the baseline" in text_of(app)
        assert "Type a query" not in text_of(app)


@pytest.mark.parametrize("key", ["2", "3", "1"])
async def test_after_the_last_evaluation_is_deleted_nothing_of_it_is_left(key: str) -> None:
    engine = EvaluationEngine()
    engine.store(view(notes=("a note of it.",)))
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press(key)
        await settle(pilot)
        await pilot.press("delete")
        await settle(pilot)
        await pilot.press("left", "enter")
        await settle(pilot)
        assert engine.calls("/evaluation", "DELETE") == [{"id": "e1"}]
        shown = text_of(app)
        for left in ("plot size", "0.9197", "a note of it.", "best", "nDCG@10", "complete"):
            assert left not in shown, left
        assert "No evaluation yet." in shown
        assert "n starts one" in shown


async def test_the_header_the_list_and_the_progress_say_the_same() -> None:
    engine = EvaluationEngine()
    gate = engine.hold("evaluate", batch=4)
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("enter")
        await gate.reached()
        await pilot.press("1")
        await settle(pilot)
        assert engine.views["new"].item.done == 0  # as it was read, long ago
        assert "3 systems · 3 of 6 queries · running" in line_of(pilot, " demo ")
        assert "3 of 6 queries · 1.0 queries/s" in line_of(pilot, "▸")
        assert line_of(pilot, "> demo").split()[4:8] == ["running", "3", "of", "6"]
        engine.ended_late = True
        gate.release()
        await until(pilot, lambda: "Evaluated." in text_of(app))
        await settle(pilot)
        assert engine.views["new"].item.state == "running"  # the engine has not forgotten it yet
        assert "running" not in text_of(app)
        assert "3 systems · 6 queries · complete" in line_of(pilot, " demo ")
        assert line_of(pilot, "> demo").split()[4:6] == ["complete", "6"]


@pytest.mark.parametrize(
    ("failed", "done", "says"),
    [(1, 6, "2 of 3 systems done, 1 failed"), (3, 0, "all 3 systems failed"), (1, 4, "stopped, 1 of 3 systems failed")],
)
async def test_failed_systems_are_counted_in_the_header_and_the_list(failed: int, done: int, says: str) -> None:
    engine = EvaluationEngine()
    engine.store(view(failed=dict.fromkeys(range(failed), "it needs 11 GB."), state="stopped", done=done))
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        assert says in line_of(pilot, " demo ")
        await pilot.press("1")
        await settle(pilot)
        assert says in line_of(pilot, "> demo")


async def test_a_judged_only_value_above_the_bounds_is_explained() -> None:
    engine = EvaluationEngine()
    odd = view()
    engine.store(odd)
    said = "judged only can exceed the bounds: it moves documents up, they do not"
    app = app_with(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        assert said not in text_of(app)
        cells = {"nDCG@10": CellView(mean=0.3, condensed=0.5, maximum=0.4)}
        systems = (msgspec.structs.replace(odd.systems[0], cells=cells), *odd.systems[1:])
        screen.table.post_message(TableRead(msgspec.structs.replace(odd, systems=systems), []))
        await settle(pilot)
        assert said in text_of(app)
        await pilot.press("i")
        await settle(pilot)
        assert "above the bounds, and both are right" in " ".join(text_of(app).replace("│", " ").split())
