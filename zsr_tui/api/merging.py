"""Judgments handed over as files, put together with those of others, and how far judges agree: what is asked, and the
answers. Paths are on the engine's machine."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from zsr_tui.api.agreement import Between, Number
from zsr_tui.api.judging import AnySource, Judgment, Stored
from zsr_tui.api.questions import Question
from zsr_tui.domain import Problem

Format = Literal["trec", "beir", "csv", "jsonl"]
SUFFIXES: dict[str, Format] = {
    ".qrels": "trec", ".qrel": "trec", ".trec": "trec", ".txt": "trec", ".tsv": "beir", ".csv": "csv",
    ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip
Prefer = Literal["", "first", "last", "later", "higher", "lower"]


def format_of(path: Path) -> Format:
    """What the name says. Raises `Problem` for one that says nothing."""
    format = SUFFIXES.get(path.suffix.casefold())
    if format is None:
        raise Problem(
            f"{path.name!r} does not say in which format judgments are: give it one of the suffixes "
            f"{' '.join(SUFFIXES)}, or name one with --format.",
            usage=True,
        )
    return format


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """`counts` by source. `left_out`: judgments of typed queries, which a format of ids alone cannot hold. `formulas`:
    fields that a spreadsheet would compute."""

    text: str
    counts: dict[str, int]
    left_out: int = 0
    formulas: int = 0


class ExportJudgments(Question[Exported], frozen=True, kw_only=True):
    """What is kept as a file. Qrels have one grade for a pair, from the first of the `sources`; the other formats hold
    each source's. `spreadsheet`: with an apostrophe before what one would compute."""

    dataset: str
    format: Format
    sources: tuple[AnySource, ...] = ("own",)
    spreadsheet: bool = False


class FileToRead(msgspec.Struct, frozen=True, kw_only=True):
    """`format` "" is what the name says; `who` is whoever judged, "" for whom the file names, or its name."""

    path: str
    format: Format | Literal[""] = ""
    who: str = ""


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """`notes`: what the user should know of it, in sentences."""

    name: str
    judgments: int
    notes: tuple[str, ...] = ()


class ConflictView(msgspec.Struct, frozen=True, kw_only=True):
    """One document of a query, which people gave different grades. `sides`: the file of each judgment, "" for what is
    kept here."""

    query_id: str
    query_text: str
    doc_id: str
    title: str
    judgments: tuple[Judgment, ...]
    sides: tuple[str, ...]


def judge_of(who: str, side: str, *, kept: bool) -> str:
    """A judge and whose file it is from: "yours, root", "theirs (b.jsonl), root"; of files alone "b.jsonl, root".
    `side`: the file, "" for what is kept here; `kept`: whether that is one of the sides."""
    return f"{(f'theirs ({side})' if side else 'yours') if kept else side}, {who or 'somebody'}"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The grade that counts."""

    query_id: str
    query_text: str
    doc_id: str
    grade: int


class Merging(msgspec.Struct, frozen=True, kw_only=True):
    """See `zsr_tui.judging.merging.Merged`. `new` documents were judged in the files alone, `replaced` are judgments
    kept here that were decided otherwise. `before`: of the `decided`, those that an earlier merge did. `kept`: what of
    these is on the disk now; `left_out` stand otherwise by now. `exported`: all that is settled, where a format was
    asked for."""

    files: tuple[FileView, ...]
    judges: tuple[str, ...]
    alone: int
    agreed: int
    shared: int
    decided: int
    conflicts: tuple[ConflictView, ...]
    between: tuple[Between, ...]
    alpha: Number
    before: int = 0
    new: int = 0
    replaced: int = 0
    kept: int = 0
    left_out: int = 0
    exported: Exported | None = None


class Decide(Question[Stored], frozen=True, kw_only=True):
    """The `grade` that counts in a conflict with what is kept here, of one of its judgments or another one, of `who`.
    It is kept, and the same conflict is not asked again."""

    dataset: str
    conflict: ConflictView
    grade: int
    who: str = ""


class MergeJudgments(Question[Merging], frozen=True, kw_only=True):
    """Files put together; with those that are kept here as the first of them, unless not `with_kept`. `grades`: what a
    grade of the files is on the dataset's scale. `skip_unknown`: what the dataset does not have is left out, and not
    refused. `decisions` by `who`, and what is `prefer`red settle conflicts; without a preference they are
    settled as they were before. `keep`: what is settled is kept here; `remember`: also that it was decided."""

    dataset: str
    files: tuple[FileToRead, ...]
    with_kept: bool = True
    grades: dict[int, int] = msgspec.field(default_factory=dict)
    skip_unknown: bool = False
    prefer: Prefer = ""
    decisions: tuple[Decision, ...] = ()
    who: str = ""
    keep: bool = False
    remember: bool = False
    export: Format | Literal[""] = ""
    sources: tuple[AnySource, ...] = ("own",)
    spreadsheet: bool = False


class JudgeRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one judge gave. `last`: when, "" where nobody says."""

    name: str
    source: AnySource
    judgments: int
    queries: int
    grades: dict[int, int]  # how often each
    last: str = ""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """All judges of a dataset, itself the first, how far any two agree, and each model with all people: one's own
    judgments before those of the dataset."""

    judges: tuple[JudgeRow, ...]
    between: tuple[Between, ...]
    models: tuple[Between, ...] = ()


class ReadStanding(Question[Standing], frozen=True, kw_only=True):
    dataset: str
