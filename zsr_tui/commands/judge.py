"""zsr-tui judge: judgments as files, put together with those of others, and by a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zsr_tui import numerals
from zsr_tui.api.blind import DuelView, ReadWinRates
from zsr_tui.api.judging import AnySource, parse_sources
from zsr_tui.api.merging import Exported, ExportJudgments, Format, JudgeRow, ReadStanding, Standing, format_of
from zsr_tui.client.judgments import said_of
from zsr_tui.client.protocol import EngineApi
from zsr_tui.client.targets import check_target, write
from zsr_tui.commands.agreement import between_text
from zsr_tui.commands.session import with_engine
from zsr_tui.commands.table import print_json, table, wrapped
from zsr_tui.domain import Problem
from zsr_tui.edge import hand_over, say
from zsr_tui.numerals import counted
from zsr_tui.text import flat

STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class Export:
    """Where to and how: `format` "" is what the name says; `sources` are joined by plus signs."""

    path: Path
    format: Format | None
    sources: str
    spreadsheet: bool
    force: bool

    def check(self) -> Format:
        """What is to be written, if it can be: to be asked before anything else. Raises `Problem`."""
        if self.path == STDOUT:
            if self.format is None:
                raise Problem(
                    "on the standard output nothing says in which format: name one with --format.", usage=True
                )
            return self.format
        format = self.format or format_of(self.path)
        check_target(self.path, replace=self.force)
        return format

    def wanted(self) -> tuple[AnySource, ...]:
        """Raises `Problem`."""
        return parse_sources(self.sources)

    def write(self, made: Exported) -> None:
        """Raises `Problem`; what stood there stays then."""
        if self.path == STDOUT:
            hand_over(made.text)
        else:
            write(self.path, made.text.encode())
        for sentence in said_of(made):
            say(sentence)
        if made.formulas:
            what = f"{counted(made.formulas, 'field')} would be computed by a spreadsheet"
            say(f"{what}: --spreadsheet writes such texts with an apostrophe before them")


_KINDS = {"own": "a person", "model": "a model", "dataset": ""}


def export(dataset: str, to: Export) -> int:
    format, sources = to.check(), to.wanted()
    question = ExportJudgments(dataset=dataset, format=format, sources=sources, spreadsheet=to.spreadsheet)

    async def work(engine: EngineApi) -> Exported:
        return await engine.call(question)

    made = with_engine(work)
    if not sum(made.counts.values()) and not made.left_out:
        raise Problem(f"there are no judgments of {dataset} to write: judge first, or name --source dataset.")
    to.write(made)
    return 0


def standing(dataset: str, *, as_json: bool) -> int:
    """Prints who has judged, and how far any two agree."""

    async def work(engine: EngineApi) -> Standing:
        return await engine.call(ReadStanding(dataset=dataset))

    found = with_engine(work)
    if as_json:
        print_json(found)
        return 0
    if not found.judges:
        print(wrapped(f"{flat(dataset)} has no judgments, neither of its own nor of yours."))
        return 0
    print(_judges(found.judges))
    for each in found.between:
        print(f"\n{between_text(each)}")
    return 0


def preferences(dataset: str, *, as_json: bool) -> int:
    """Prints who wins of the lists that were compared without names."""

    async def work(engine: EngineApi) -> tuple[DuelView, ...]:
        return await engine.call(ReadWinRates(datasets=(dataset,)))

    found = with_engine(work)
    if as_json:
        print_json(found)
        return 0
    if not found:
        print(wrapped(f"No lists of {flat(dataset)} were compared without names yet: V in the application does."))
        return 0
    rows = [
        [
            flat(each.first),
            flat(each.second),
            *map(numerals.count, (each.wins, each.ties, each.losses)),
            numerals.value(each.rate, 3),
            f"{numerals.value(each.low, 3)} to {numerals.value(each.high, 3)}",
            numerals.p_value(each.p),
        ]
        for each in found
    ]
    heads = ["preferred", "to", "wins", "ties", "losses", "win rate", "95 % interval", "p"]
    print(table(heads, rows, right={2, 3, 4, 5, 6, 7}, shorten={0: 12, 1: 12}))
    print()
    print(wrapped("Win rate: wins and half of the ties. p: exact sign test without the ties."))
    return 0


def _judges(judges: Sequence[JudgeRow]) -> str:
    rows = [
        [
            "the dataset" if each.source == "dataset" else flat(each.name) or "somebody",
            _KINDS[each.source],
            numerals.count(each.judgments),
            numerals.count(each.queries),
            "  ".join(f"{grade}: {count:,}" for grade, count in each.grades.items()),
            numerals.date(each.last) if each.last else "",
        ]
        for each in judges
    ]
    return table(["judge", "", "judgments", "queries", "grades", "last"], rows, right={2, 3}, shorten={0: 12})
