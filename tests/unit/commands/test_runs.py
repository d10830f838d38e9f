"""Run files of an evaluation: all of them whole, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ui.fake.engine import FakeEngine
from zsr_tui.api.evaluations import ReadRuns, RunPart, RunsPage
from zsr_tui.api.questions import Question
from zsr_tui.client.targets import AlreadyThere
from zsr_tui.commands.runs import check_folder, save_runs
from zsr_tui.domain import Problem


class Paged(FakeEngine):
    """Two pages of a dataset with two members; `breaks` at the second."""

    def __init__(self, *, breaks: bool = False) -> None:
        super().__init__()
        self.breaks = breaks

    async def call(self, question: Question[Any]) -> Any:
        assert isinstance(question, ReadRuns)
        if question.offset == 0:
            return RunsPage(
                parts=(RunPart(name="a/bm25.run", text="one\n"), RunPart(name="b/bm25.run", text="")), next=7
            )
        if self.breaks:
            raise Problem("the id 'd 1' has white space in it.")
        parts = (RunPart(name="a/bm25.run", text="two\n"), RunPart(name="provenance.json", text="{}"))
        return RunsPage(parts=parts, next=None)


async def test_pages_are_put_together(tmp_path: Path) -> None:
    written = await save_runs(Paged(), "e1", tmp_path / "runs")
    assert [str(path.relative_to(tmp_path / "runs")) for path in written] == [
        "a/bm25.run",
        "b/bm25.run",
        "provenance.json",
    ]
    assert written[0].read_text() == "one\ntwo\n"


async def test_nothing_is_left_of_runs_that_were_not_finished(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="white space"):
        await save_runs(Paged(breaks=True), "e1", tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="choose another --run-dir"):
        await save_runs(Paged(), "e1", tmp_path / "file" / "runs")


@pytest.mark.parametrize("there", ["a/bm25.run", "provenance.json"], ids=["a run", "how to repeat others"])
async def test_run_files_that_are_there_are_replaced_only_when_asked(tmp_path: Path, there: str) -> None:
    check_folder(tmp_path / "not-there-yet")
    (tmp_path / "a").mkdir()
    (tmp_path / there).write_text("mine")
    with pytest.raises(AlreadyThere, match=there):
        check_folder(tmp_path)
    with pytest.raises(AlreadyThere, match=there):
        await save_runs(Paged(), "e1", tmp_path)
    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ["mine"]
    await save_runs(Paged(), "e1", tmp_path, replace=True)
    assert (tmp_path / there).read_text() != "mine"
