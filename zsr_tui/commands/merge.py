"""zsr-tui judge --import and --merge: files of judgments, taken in or held against one another."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from zsr_tui import numerals
from zsr_tui.api.judging import ReadScale, Scale
from zsr_tui.api.merging import ConflictView, Decide, Decision, FileToRead, Format, MergeJudgments, Merging, Prefer
from zsr_tui.api.questions import ReadDocument
from zsr_tui.client.conflicts import Tally, whose
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.agreement import between_text
from zsr_tui.commands.judge import Export
from zsr_tui.commands.session import with_engine
from zsr_tui.commands.table import print_json, wrapped
from zsr_tui.domain import Problem
from zsr_tui.edge import say
from zsr_tui.numerals import counted
from zsr_tui.person import own_name
from zsr_tui.text import flat, one_line

SHOWN = 20  # conflicts that are listed
EXCERPT = 600  # characters of a document that is to be decided on
PREFER: dict[str, Prefer] = {"mine": "first", "theirs": "last", "later": "later", "higher": "higher", "lower": "lower"}


@dataclass(frozen=True, slots=True)
class Options:
    """`prefer` is one of PREFER, or "". `taking`: an import, in which what is kept stays unless something else is
    preferred; otherwise conflicts are shown one by one."""

    dataset: str
    files: tuple[Path, ...]
    format: Format | None
    who: str
    grades: dict[int, int]
    skip_unknown: bool
    prefer: str
    taking: bool
    to: Export | None
    as_json: bool


def run(options: Options) -> int:
    """The exit code is 1 where conflicts are left."""
    alone = options.taking or len(options.files) == 1  # held against what is kept here
    asked = MergeJudgments(
        dataset=options.dataset,
        files=tuple(
            FileToRead(path=str(path.expanduser().resolve()), format=options.format or "", who=options.who)
            for path in options.files
        ),
        with_kept=alone,
        grades=options.grades,
        skip_unknown=options.skip_unknown,
        prefer=PREFER.get(options.prefer, "first" if options.taking else ""),
        who=own_name(),
        keep=alone,
        remember=alone and (not options.taking or bool(options.prefer)),
        export=options.to.check() if options.to else "",
        sources=options.to.wanted() if options.to else ("own",),
        spreadsheet=options.to.spreadsheet if options.to else False,
    )

    said = []  # of what was decided

    async def work(engine: EngineApi) -> Merging:
        found = await engine.call(asked)
        for file in found.files:
            for note in file.notes:
                say(note)
        asks = found.conflicts and not options.as_json and sys.stdin.isatty() and sys.stdout.isatty()
        if not options.as_json:
            print(_as_text(found, options, shown=0 if asks else SHOWN))
        if asks:
            scale = await engine.call(ReadScale(dataset=options.dataset))
            before, tally = found.before, Tally()
            decided = await _decide(engine, found.conflicts, scale, options.dataset, tally, keep=alone)
            found = await engine.call(msgspec.structs.replace(asked, decisions=tuple(decided)))
            said.append(tally.said(before, len(found.conflicts), own=alone))
        elif found.decided and (options.prefer or found.before):
            said.append(_settled(found, options.prefer, own=alone))
        return found

    found = with_engine(work)
    if options.as_json:
        print_json(msgspec.structs.replace(found, exported=None))
    if options.to and found.exported:
        options.to.write(found.exported)
    if found.left_out:
        say(f"{counted(found.left_out, 'judgment')} left out: others stand here already")
    for sentence in said:
        say(sentence)
    if found.conflicts and not any("left open" in each for each in said):
        say(
            f"{counted(len(found.conflicts), 'conflict')} left open: run it in a terminal to decide one by one, or say "
            "what counts with --prefer"
        )
    return 1 if found.conflicts else 0


def _settled(found: Merging, prefer: str, *, own: bool) -> str:
    """What became of conflicts that nobody was asked about."""
    if not prefer:
        stay = f"{counted(found.before, 'conflict')} decided before, which stay so"
        return f"{stay} (--prefer decides anew)"
    how = f": yours in {found.decided - found.replaced:,}, theirs in {found.replaced:,}" if own else ""
    return f"{counted(found.decided, 'conflict')} decided by --prefer {prefer}{how}"


def _as_text(found: Merging, options: Options, shown: int) -> str:
    lines = [f"{flat(file.name)}: {counted(file.judgments, 'judgment')}" for file in found.files]
    otherwise = found.decided + len(found.conflicts)
    judged = counted(found.alone + found.agreed + otherwise, "document")
    people = f"{found.alone:,} judged by one person, {found.agreed:,} by several alike, {otherwise:,} in conflict"
    lines.append(wrapped(f"{judged}: {people}"))
    if found.kept:
        lines.append(wrapped(f"kept: {found.new:,} new, {found.replaced:,} in place of others"))
    for each in found.between:
        lines += ["", between_text(each)]
    if found.alpha is not None:
        alpha = numerals.value(found.alpha, 2)
        lines += [
            "",
            wrapped(f"Krippendorff's alpha (ordinal) of the people, {counted(found.shared, 'document')}: {alpha}"),
        ]
    if found.decided and options.taking and not options.prefer:
        lines += [
            "",
            wrapped(
                f"{counted(found.decided, 'conflict')}: yours stay (--prefer theirs takes the others', --merge asks)"
            ),
        ]
    if found.conflicts:
        lines += ["", counted(len(found.conflicts), "conflict"), *map(_line, found.conflicts[:shown])]
        if shown and len(found.conflicts) > shown:
            lines.append(f"... and {len(found.conflicts) - shown:,} more")
    return "\n".join(lines)


def _line(conflict: ConflictView) -> str:
    given = "; ".join(f"{name} {each.grade}" for name, each in zip(whose(conflict), conflict.judgments, strict=True))
    query = conflict.query_id or conflict.query_text
    return wrapped(f"  {one_line(query)[:40]}  {flat(conflict.doc_id)}  {given}  {one_line(conflict.title)[:60]}", 4)


async def _decide(
    engine: EngineApi, conflicts: Sequence[ConflictView], scale: Scale, dataset: str, tally: Tally, *, keep: bool
) -> list[Decision]:
    """Asks for each; what is decided is kept at once."""
    decisions = []
    for number, conflict in enumerate(conflicts, 1):
        view = await engine.call(ReadDocument(dataset=dataset, doc_id=conflict.doc_id, query=conflict.query_text))
        print(f"\n{_in_full(conflict, f'{number}/{len(conflicts)}', view.doc.text)}")
        grade = _grade(scale)
        if grade is None:
            break
        if grade < scale.lowest:
            continue
        decision = Decision(
            query_id=conflict.query_id, query_text=conflict.query_text, doc_id=conflict.doc_id, grade=grade
        )
        decisions.append(decision)
        tally.add(conflict, grade)
        if keep:
            await engine.call(Decide(dataset=dataset, conflict=conflict, grade=grade, who=own_name()))
    return decisions


def _in_full(conflict: ConflictView, place: str, text: str) -> str:
    lines = [
        wrapped(f"{place}  {flat(conflict.query_id)}  {one_line(conflict.query_text)}".rstrip(), 4),
        wrapped(f"    {flat(conflict.doc_id)}  {one_line(conflict.title)}", 4),
        wrapped(f"    {one_line(text)[:EXCERPT]}{'…' * (len(text) > EXCERPT)}", 4),
    ]
    for name, each in zip(whose(conflict), conflict.judgments, strict=True):
        facts = [f"{each.grade}", name, numerals.date(each.when), one_line(each.why)]
        lines.append(wrapped(f"  {'  '.join(filter(None, facts))}", 4))
    return "\n".join(lines)


def _grade(scale: Scale) -> int | None:
    """None to stop, one below the scale to leave it open."""
    while True:
        typed = click.prompt(
            f"Grade ({scale.lowest} to {scale.highest}; s or Enter leaves it open, q stops)",
            default="",
            show_default=False,
            err=True,
        ).strip()
        if typed in ("q", "Q"):
            return None
        if typed in ("", "s", "S"):
            return scale.lowest - 1
        if typed.lstrip("-").isdecimal() and scale.lowest <= int(typed) <= scale.highest:
            return int(typed)
        say(f"{typed[:20]!r} is no grade from {scale.lowest} to {scale.highest}")


def read_grades(text: str) -> dict[int, int]:
    """ "4=3,-2=0". Raises `Problem`."""
    found: dict[int, int] = {}
    for part in text.split(",") if text.strip() else ():
        before, equals, after = part.partition("=")
        try:
            if not equals or int(before) in found:
                raise ValueError
            found[int(before)] = int(after)
        except ValueError:
            raise Problem(
                f"{part.strip()!r} does not say what becomes of a grade: write --grades as in 4=3,-2=0, each once.",
                usage=True,
            ) from None
    return found
