"""What zsr-tui evaluate says of the reports that it wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.ui.fake.evaluations import EvaluationEngine, view
from zsr_tui.api.evaluations import EvaluationView, ReadEvaluation, ReadReport, ReadRuns, ReportFile
from zsr_tui.api.events import AnyEvent, EvaluateFinished, Failed, SystemFailed, SystemResult
from zsr_tui.api.requests import EvaluateRequest, ProblemView
from zsr_tui.commands import evaluate, parser
from zsr_tui.domain import Problem

DEMO = ["evaluate", "--dataset", "demo", "--system", "bm25"]


class Evaluated(EvaluationEngine):
    """Has the evaluation; three texts of its reports are formulas."""

    def __init__(self) -> None:
        lacking = {"nDCG@10": "nDCG@10 has no value for some system in 1 query.", "AP": "AP, which nobody asked for."}
        super().__init__(msgspec.structs.replace(view(), lacking=lacking))
        self.answers[ReadReport] = lambda asked: [
            ReportFile(content=b"", formulas=0 if asked.spreadsheet or asked.format != ".csv" else 3)
        ]

    async def evaluate(self, request: EvaluateRequest) -> AsyncGenerator[AnyEvent, None]:
        result = SystemResult(system="bm25", queries=6, means={"nDCG@10": 0.5}, seconds=1.0)
        yield EvaluateFinished(request=request.id, results=(result,), evaluation="e1")


@pytest.mark.parametrize(("options", "warned"), [([], True), (["--spreadsheet"], False)], ids=["plain", "spreadsheet"])
def test_texts_that_a_spreadsheet_would_compute_are_said_where_they_were_written_as_they_are(
    options: list[str],
    warned: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def prepared(*_: Any, **__: Any) -> dict[str, str]:
        return {}

    monkeypatch.setattr(evaluate, "with_engine", lambda work: asyncio.run(work(Evaluated())))
    monkeypatch.setattr(evaluate, "prepare", prepared)
    reports = [part for name in ("x.md", "x.csv") for part in ("--report", str(tmp_path / name))]
    assert parser.run([*DEMO, *reports, *options]) == 0
    said = capsys.readouterr().err.splitlines()
    warning = "zsr-tui: 3 fields of x.csv would be computed by a spreadsheet: --spreadsheet writes such texts with an "
    assert said[0] == "zsr-tui: nDCG@10 has no value for some system in 1 query."
    assert said[1:3] == [f"zsr-tui: wrote {tmp_path / name}" for name in ("x.md", "x.csv")]
    assert said[3:] == [warning + "apostrophe before them."] * warned


def test_a_file_that_cannot_be_written_does_not_take_the_table_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def prepared(*_: Any, **__: Any) -> dict[str, str]:
        return {}

    def white_space(_: ReadRuns) -> Any:
        raise Problem("the id 'my doc' has white space in it, which a TREC run file cannot hold.")

    engine = Evaluated()
    engine.answers[ReadRuns] = white_space
    monkeypatch.setattr(evaluate, "with_engine", lambda work: asyncio.run(work(engine)))
    monkeypatch.setattr(evaluate, "prepare", prepared)
    written = ["--report", str(tmp_path / "x.md"), "--run-dir", str(tmp_path / "runs")]
    assert parser.run([*DEMO, *written]) == 1
    shown = capsys.readouterr()
    assert "nDCG@10" in shown.out
    assert shown.err.splitlines()[-2:] == [
        f"zsr-tui: wrote {tmp_path / 'x.md'}",
        "zsr-tui: the id 'my doc' has white space in it, which a TREC run file cannot hold.",
    ]


def test_figures_over_a_part_of_the_queries_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As after another program has begun the same evaluation anew."""

    async def prepared(*_: Any, **__: Any) -> dict[str, str]:
        return {}

    class Cut(Evaluated):
        def evaluation(self, asked: ReadEvaluation) -> EvaluationView:
            whole = super().evaluation(asked)
            return msgspec.structs.replace(whole, systems=(msgspec.structs.replace(whole.systems[0], queries=4),))

    monkeypatch.setattr(evaluate, "with_engine", lambda work: asyncio.run(work(Cut())))
    monkeypatch.setattr(evaluate, "prepare", prepared)
    with pytest.raises(Problem, match="bm25 has been run on 4 of 6 queries: another program has changed") as failure:
        parser.run(DEMO)
    assert not failure.value.usage


def test_why_the_only_system_failed_is_said_once_and_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def prepared(*_: Any, **__: Any) -> dict[str, str]:
        return {}

    class Failing(Evaluated):
        async def evaluate(self, request: EvaluateRequest) -> AsyncGenerator[AnyEvent, None]:
            why = ProblemView(message="x is no folder: correct its address.", usage=True)
            yield SystemFailed(request=request.id, system=0, problem=why)
            yield Failed(request=request.id, problem=why)

    monkeypatch.setattr(evaluate, "with_engine", lambda work: asyncio.run(work(Failing())))
    monkeypatch.setattr(evaluate, "prepare", prepared)
    assert parser.run(DEMO) == 1
    assert capsys.readouterr().err == "zsr-tui: bm25: x is no folder: correct its address.\n"


def test_explain_without_a_report_that_shows_queries_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"--explain is for a report of \.html, \.md, \.json: name one") as failure:
        parser.run([*DEMO, "--explain", "--report", str(tmp_path / "x.csv")])
    assert failure.value.usage


def test_spreadsheet_without_a_csv_report_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"--spreadsheet is for a \.csv report: name one with --report") as failure:
        parser.run([*DEMO, "--spreadsheet", "--report", str(tmp_path / "x.md")])
    assert failure.value.exit_code == 2
