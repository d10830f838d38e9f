"""Reports of an evaluation as files: the engine makes them, the client writes them, whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from zsr_tui.api.evaluations import ReadReport, ReportFormat, Test
from zsr_tui.client.protocol import EngineApi
from zsr_tui.client.targets import AlreadyThere, check_target, write
from zsr_tui.domain import Problem
from zsr_tui.numerals import counted

KEPT = (".html", ".md")  # have what the user has judged and noted
EXPLAINED = (".html", ".md", ".json")  # have chosen queries


@dataclass(frozen=True, slots=True)
class Written:
    """A report on disk; `formulas` are fields of it that a spreadsheet would compute."""

    path: Path
    formulas: int = 0

    def warning(self, remedy: str) -> str:
        """One sentence, where there are any; `remedy` is what writes them as texts."""
        if not self.formulas:
            return ""
        return f"{counted(self.formulas, 'field')} of {self.path.name} would be computed by a spreadsheet: {remedy}."


async def save_report(
    engine: EngineApi,
    path: Path,
    id: str,
    *,
    baseline: int = 0,
    test: Test = "t",
    measure: str = "",
    spreadsheet: bool = False,
    explain: bool = False,
    kept: bool = False,
    replace: bool = False,
) -> Written:
    """In the format that the path says. Raises `Problem`; what stood there stays then. Without `replace`, whatever
    stands there stays: `AlreadyThere`."""
    format = check_report(path, replace=replace)
    question = ReadReport(
        id=id,
        format=format,
        baseline=baseline,
        test=test,
        measure=measure,
        spreadsheet=spreadsheet,
        explain=explain and format in EXPLAINED,
        kept=kept and format in KEPT,
    )
    made = await engine.call(question)
    targets = [path.with_name(path.name + each.ending) for each in made]
    for target in targets:
        if target.exists() and not replace:
            raise AlreadyThere(target)
    for each, target in zip(reversed(made), reversed(targets), strict=True):  # the report itself last
        write(target, each.content)
    return Written(path, sum(each.formulas for each in made))


def check_report(path: Path, *, replace: bool = False) -> ReportFormat:
    """The format, if a report can be written under this name: to be asked before anything long begins. Leaves nothing
    behind."""
    suffix = path.suffix.casefold()
    if suffix not in get_args(ReportFormat):
        raise Problem(
            f"a report cannot be written as {path.name!r}: give it one of the suffixes "
            f"{' '.join(get_args(ReportFormat))}.",
            usage=True,
        )
    check_target(path, replace=replace)
    return cast(ReportFormat, suffix)
