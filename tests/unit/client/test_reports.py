"""Reports as files: what the engine made is written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.ui.fake.engine import FakeEngine
from zsr_tui.api.evaluations import ReadReport, ReportFile, ReportFormat
from zsr_tui.api.questions import Question
from zsr_tui.client.reports import check_report, save_report
from zsr_tui.client.targets import AlreadyThere
from zsr_tui.domain import Problem


class Reporting(FakeEngine):
    """Its reports are what was asked, and a CSV file has another beside it."""

    async def call(self, question: Question[Any]) -> Any:
        assert isinstance(question, ReadReport)
        made = [ReportFile(content=repr(question).encode())]
        return made + [ReportFile(content=b"{}", ending=".beside.json")] * (question.format == ".csv")


async def test_a_report_is_what_was_asked_for_and_has_what_belongs_beside_it(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"baseline": 1, "test": "randomisation", "measure": "AP", "spreadsheet": True}
    written = await save_report(Reporting(), tmp_path / "x.CSV", "e1", **asked)
    assert written.path.read_text() == repr(ReadReport(id="e1", format=".csv", **asked))
    assert written.warning("do this") == ""
    assert sorted(each.name for each in tmp_path.iterdir()) == ["x.CSV", "x.CSV.beside.json"]


@pytest.mark.parametrize("name", ["report", "report.pdf", "report.html.bak", ".html"])
def test_an_unknown_suffix_names_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem) as failure:
        check_report(tmp_path / name)
    assert all(suffix in failure.value.message for suffix in get_args(ReportFormat))
    assert failure.value.exit_code == 2


def test_where_nothing_can_be_written_is_known_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="does not exist"):
        check_report(tmp_path / "gone" / "x.html")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(Problem, match="is a folder"):
        check_report(tmp_path / "folder.html")
    assert check_report(tmp_path / "X.HTML") == ".html"
    assert [each.name for each in tmp_path.iterdir()] == ["folder.html"]


async def test_a_full_disk_leaves_the_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "x.md"
    target.write_text("the old one")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem, match="no room"):
        await save_report(Reporting(), target, "e1", replace=True)
    assert target.read_text() == "the old one"
    assert [each.name for each in tmp_path.iterdir()] == ["x.md"]


@pytest.mark.parametrize("there", ["x.csv", "x.csv.beside.json"], ids=["the report", "what belongs beside it"])
async def test_what_is_there_is_replaced_only_when_asked(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")
    with pytest.raises(AlreadyThere, match=f"{there} is there already: choose another name, or .* --force") as failure:
        await save_report(Reporting(), tmp_path / "x.csv", "e1")
    assert failure.value.exit_code == 2
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [(there, "mine")]
    await save_report(Reporting(), tmp_path / "x.csv", "e1", replace=True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["x.csv", "x.csv.beside.json"]
    assert (tmp_path / there).read_text() != "mine"


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="no folder that refuses everybody")
async def test_a_path_that_refuses_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem) as failure:
        await save_report(Reporting(), Path("/proc/x.md"), "e1")
    assert "/proc/x.md" in failure.value.message
    assert "\n" not in failure.value.message
