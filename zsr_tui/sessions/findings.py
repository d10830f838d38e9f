"""A finding: what was on the screen, in one small file that can be handed on and shown without the index.

It carries the query, the systems with the tops of their lists, the explanation that was open, notes and judgments of
one's own. Explanations are those of `zsr_tui.explanation`: whoever changes these so that older files are not read any
more gives findings another version.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec

from zsr_tui import files, outside
from zsr_tui.api.judging import AnySource, Source
from zsr_tui.api.notes import RemarkKind
from zsr_tui.api.wire import encoded
from zsr_tui.decoding import converted, json_decoder
from zsr_tui.domain import OWN_TOO, Problem
from zsr_tui.explanation import Contrast, Explanation
from zsr_tui.sessions.records import Answer, Count, Grade, Listed, Measures, Name, Rank, Version, Words
from zsr_tui.text import flat, printable

VERSION = 1
TOP = 20  # rows of each list
MOST_LISTS = 5  # that the screen holds side by side
MOST_KEPT = 1000  # notes, and judgments
LARGEST = 8 << 20  # bytes
_LARGEST_NUMBER = 1 << 53
_OF = {"query", "document", "template"}  # tokens
_ASKED_WITH = {"dataset", "query", "qid", "judged_as", "change_of", "system", "doc_id"}
Text = Annotated[str, msgspec.Meta(max_length=100_000)]
Place = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a row shows of a document, as in `zsr_tui.api.events.DocHead`."""

    title: Words = ""
    passage: Text = ""
    title_terms: Annotated[tuple[tuple[Place, Place], ...], msgspec.Meta(max_length=10_000)] = ()
    matches: Annotated[tuple[tuple[Place, Place, Place], ...], msgspec.Meta(max_length=10_000)] = ()


class FoundRow(msgspec.Struct, frozen=True, kw_only=True):
    """`reference`: its rank (from 1) in the reference list, None where that lacks it."""

    doc_id: Name
    score: float | None = None
    grade: Grade | None = None
    reference: Rank | None = None
    candidate_rank: Rank | None = None
    cut: bool = False


class FoundMeasures(msgspec.Struct, frozen=True, kw_only=True):
    """Of a list over the judgments of `sources`, the one that counts first in front. `placed`: of the first ten, how
    many judgments come from each."""

    sources: Annotated[tuple[AnySource, ...], msgspec.Meta(min_length=1, max_length=3)]
    values: Annotated[dict[Name, float | None], msgspec.Meta(max_length=100)] = {}
    placed: Annotated[dict[Name, Rank], msgspec.Meta(max_length=3)] = {}


class FoundList(msgspec.Struct, frozen=True, kw_only=True):
    """A system with the top of its list, which had `total` rows. `state`: how far it was, in words, where it was not
    done; `problem`: why it failed. `over`: where there were judgments besides the dataset's, measures
    over those that counted and over what was seen beside them. The other fields as in `zsr_tui.api.events.Ranking`."""

    system: Name
    label: Name = ""
    parameters: Count | None = None
    note: Name = ""
    rows: Annotated[tuple[FoundRow, ...], msgspec.Meta(max_length=TOP)] = ()
    total: Rank = 0
    measures: Measures | None = None
    over: tuple[FoundMeasures, FoundMeasures] | None = None
    milliseconds: Annotated[float, msgspec.Meta(ge=0, le=1e12)] = 0.0
    precision: Name = ""
    device: Name = ""
    searched: tuple[Count, Count] | None = None
    dropped_self: Rank = 0
    ties: Rank = 0
    cut: Rank = 0
    state: Name = ""
    problem: Words = ""

    @property
    def answer(self) -> Answer:
        """To be compared with what it finds now."""
        return Answer(
            system=self.system,
            rows=tuple(Listed(doc_id=row.doc_id, score=row.score, grade=row.grade) for row in self.rows),
            measures=None if self.measures is None else dict(self.measures),
            precision=self.precision,
            problem=self.problem,
        )


class FoundRemark(msgspec.Struct, frozen=True, kw_only=True):
    """A note, a tag or a bookmark (`kind`) on the query, or on a document where one is named,
    for the query or, not `of_query`, for any."""

    kind: RemarkKind
    text: Text = ""
    doc_id: Name = ""
    of_query: bool = True
    who: Name = ""
    when: Name = ""


class FoundJudgment(msgspec.Struct, frozen=True, kw_only=True):
    """Of a document of the query, by a person ("own") or a model."""

    doc_id: Name
    grade: Grade
    source: Source = "own"
    who: Name = ""
    when: Name = ""
    why: Text = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`reference` and `active` are lists, from 0; `doc_id` was under the cursor. `explanations`: of one document, or of
    it and what it is compared with (`contrast`), which is another system where `against_system`. Heads by document.
    `change_of`: text and id of the dataset query that the query is a change of. `counting`: the sources of judgments
    that counted."""

    version: Annotated[int, msgspec.Meta(ge=1, le=VERSION)] = msgspec.field(name="zsr_tui_finding", default=VERSION)
    program: Name = ""
    made: Annotated[str, msgspec.Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z)?$")] = ""
    dataset: Name
    query: Words = ""
    qid: Name | None = None
    judged_as: Name | None = None
    change_of: tuple[Words, Name] | None = None
    relevant: Count = 0
    judged: bool = False
    depth: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    drop_self: bool = True
    reference: Annotated[int, msgspec.Meta(ge=0, lt=MOST_LISTS)] = 0
    active: Annotated[int, msgspec.Meta(ge=0, lt=MOST_LISTS)] = 0
    doc_id: Name | None = None
    lists: Annotated[tuple[FoundList, ...], msgspec.Meta(max_length=MOST_LISTS)] = ()
    heads: Annotated[dict[Name, Head], msgspec.Meta(max_length=MOST_LISTS * TOP + 2)] = {}
    explanations: Annotated[tuple[Explanation, ...], msgspec.Meta(max_length=2)] = ()
    contrast: Contrast | None = None
    against_system: bool = False
    counting: Annotated[tuple[AnySource, ...], msgspec.Meta(min_length=1, max_length=3)] = OWN_TOO
    remarks: Annotated[tuple[FoundRemark, ...], msgspec.Meta(max_length=MOST_KEPT)] = ()
    judgments: Annotated[tuple[FoundJudgment, ...], msgspec.Meta(max_length=MOST_KEPT)] = ()


def write(finding: Finding, folder: Path) -> Path:
    """To a file that was not there, for its owner's eyes until it is handed on. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    words = re.sub(r"[^a-z0-9]+", "-", finding.query.lower())[:40].strip("-")
    stem = time.strftime("finding-%Y-%m-%d-%H%M%S", time.gmtime()) + (f"-{words}" if words else "")
    file, number = folder / f"{stem}.json", 1
    while os.path.lexists(file):
        number += 1
        file = folder / f"{stem}-{number}.json"
    files.write_whole(file, encoded(finding) + b"\n", files.PRIVATE)
    return file


def read(path: Path) -> Finding:
    """Raises `Problem`: the file may be of somebody else, cut short, damaged, or of a later version."""
    try:
        data = outside.read(path, LARGEST)
    except OSError as error:
        raise Problem(f"the finding {path} cannot be read: {error.strerror}.", usage=True) from error
    outside.refuse_other(path, data[:200], "finding")
    try:
        version = json_decoder(Version).decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _damaged(path, error) from error
    if version.zsr_tui_finding is None:
        raise Problem(f"{path} is no finding of zsr-tui: it does not say so.", usage=True)
    if version.zsr_tui_finding > VERSION:
        raise Problem(
            f"{path} was written by a later zsr-tui, in version {min(version.zsr_tui_finding, 10**6)} of findings; "
            f"this one reads version {VERSION}: update it.",
            usage=True,
        )
    try:
        finding = json_decoder(Finding).decode(data)
        _check(finding)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _damaged(path, error) from error
    return converted(_shown(msgspec.to_builtins(finding)), Finding)


def _damaged(path: Path, error: Exception) -> Problem:
    why = f"{path} is no whole finding: it was cut short, damaged or changed."
    return Problem(why, detail=str(error), usage=True)


def _check(finding: Finding) -> None:
    """What the types do not say, so that all of it can be shown. Raises `msgspec.ValidationError`."""
    lists = len(finding.lists)
    if lists and max(finding.reference, finding.active) >= lists:
        raise msgspec.ValidationError("it names a list that it does not have")
    for head in finding.heads.values():
        _check_spans(head.title_terms, len(head.title))
        _check_spans([(start, end) for start, end, _ in head.matches], len(head.passage))
    for explanation in finding.explanations:
        parts = [*explanation.parts, *(part for table in explanation.tables for part in table.parts)]
        for part in parts:
            _check_spans(part.spans, len(explanation.text))
        if explanation.input is not None and not {token.of for token in explanation.input.tokens} <= _OF:
            raise msgspec.ValidationError("a token is of nothing")
    for number in _numbers(msgspec.to_builtins((finding.explanations, finding.contrast))):
        if abs(number) > _LARGEST_NUMBER:
            raise msgspec.ValidationError("a number is too large")


def _shown(value: Any, name: str = "") -> Any:
    """With control characters made visible, one for one, in all that is only shown: an engine's own answers come so.
    `name` is the field's."""
    match value:
        case str():
            return value if name in _ASKED_WITH else printable(value) if name == "text" else flat(value)
        case list() | tuple():
            return [_shown(each, name) for each in value]
        case dict():
            keys = str if name == "heads" else flat
            return {keys(key): _shown(each, key) for key, each in value.items()}
    return value


def _check_spans(spans: Any, length: int) -> None:
    if not all(0 <= start <= end <= length for start, end in spans):
        raise msgspec.ValidationError("a place lies outside its text")


def _numbers(value: Any) -> Iterator[int]:
    """The whole ones, which JSON does not bound."""
    match value:
        case bool():
            return
        case int():
            yield value
        case list() | tuple():
            for each in value:
                yield from _numbers(each)
        case dict():
            for each in value.values():
                yield from _numbers(each)
