"""Judgments of one's own and of models: what is asked, and the answers.

The dataset's own judgments are never changed; these lie in a file of the corpus (`zsr_tui.judging.keeping`). A query
that is typed freely has the id "" and is known by its text.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from zsr_tui.api.questions import Count, Question
from zsr_tui.domain import DATASET_ONLY, Problem
from zsr_tui.domain import AnySource as AnySource

Source = Literal["own", "model"]
Over = Literal["nothing", "same", "everything"]
PRECEDENCE: tuple[AnySource, ...] = ("own", "dataset", "model")  # of two that judge a document, the first counts


def parse_sources(text: str) -> tuple[AnySource, ...]:
    """ "own+dataset": the sources of a union by precedence. Raises `Problem`."""
    found = [each.strip() for each in text.split("+")]
    if wrong := [each for each in found if each not in set[str](PRECEDENCE)]:
        raise Problem(
            f"there are no judgments of {wrong[0]!r}: write own, dataset or model, or several with a plus, the "
            "one that counts first in front (own+dataset).",
            usage=True,
        )
    if len(set(found)) < len(found):
        raise Problem(f"{text!r} names a source twice: name each once.", usage=True)
    return tuple(each for name in found for each in PRECEDENCE if each == name)


class Judgment(msgspec.Struct, frozen=True, kw_only=True):
    """A grade for a document of a query. `when` is UTC, ISO 8601, in seconds. `system` in the notation and `rank` (from
    1) say where it was seen, "" and None where that is not known. `grade` is on the dataset's scale, and
    `given` is what a model gave on its own (`zsr_tui.judging.scale`), None of a person."""

    query_id: str = ""
    query_text: str = ""
    doc_id: str
    grade: int
    source: Source = "own"
    who: str = ""
    when: str = ""
    why: str = ""
    system: str = ""
    rank: int | None = None
    given: int | None = None

    @property
    def told(self) -> str:
        """The grade, and what the model gave where that is another: `1 (3 by the model)`."""
        return f"{self.grade}{'' if self.given in (None, self.grade) else f' ({self.given} by the model)'}"


class Kept(msgspec.Struct, frozen=True, kw_only=True, tag="judgment"):
    """A judgment as it stands in the file; its `revision` is another after every change of it."""

    revision: int
    judgment: Judgment
    title: str = ""  # of the document


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`done`: it is on the disk. Otherwise nothing was changed, since `now` is not what the asker had seen: somebody
    else has judged meanwhile. `now` is what stands, None where nothing does; `revision` is what `UndoJudgment` takes
    back."""

    done: bool
    now: Kept | None
    revision: int = 0


class KeepJudgment(Question[Outcome], frozen=True, kw_only=True):
    """Answered when it is on the disk. `seen`: the revision that stood when the user judged, 0 for none. Where another
    one stands by now nothing is changed, unless `over`: that the user has seen it and judges all the same. `when` is
    filled in by the engine where it is ""."""

    dataset: str
    judgment: Judgment
    seen: Count = 0
    over: bool = False


class ClearJudgment(Question[Outcome], frozen=True, kw_only=True):
    """Take away the judgment of a source for a document, as `KeepJudgment` keeps one."""

    dataset: str
    query_id: str = ""
    query_text: str = ""
    doc_id: str
    source: Source = "own"
    who: str = ""
    seen: Count = 0
    over: bool = False


class UndoJudgment(Question[Outcome], frozen=True, kw_only=True):
    """Take back what an `Outcome` has done: what stood before it stands again, unless somebody has judged since: then
    nothing is changed."""

    dataset: str
    revision: Count


class JudgmentPage(msgspec.Struct, frozen=True, kw_only=True):
    """`counts`: all that match, of each source."""

    counts: dict[str, int]
    items: tuple[Kept, ...]


class ReadJudgments(Question[JudgmentPage], frozen=True, kw_only=True):
    """What stands, the latest first: of one query where its id or its text is given, of all queries otherwise; without
    `sources`, of all of them. `limit` None: all."""

    dataset: str
    query_id: str = ""
    query_text: str = ""
    sources: tuple[Source, ...] = ()
    offset: Count = 0
    limit: Count | None = None


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What became of many judgments: kept, those that stood already with the same grade, and those that were left out
    since another grade stands, with what stands."""

    kept: int
    same: int
    left_out: tuple[Kept, ...] = ()


class KeepJudgments(Question[Stored], frozen=True, kw_only=True):
    """Many at once, all or none. `over`: what may be replaced where a judgment of a human stands, or one of the same
    model: "nothing", "same" (those of the same person or model), or "everything". A model's never replaces one of a
    human, nor one of another model."""

    dataset: str
    judgments: tuple[Judgment, ...]
    over: Over = "nothing"


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """Of the dataset's grades; (0, 3) where it has no judgments."""

    lowest: int
    highest: int
    judged: bool  # whether the dataset has judgments


class ReadScale(Question[Scale], frozen=True, kw_only=True):
    dataset: str


class RelevantDoc(msgspec.Struct, frozen=True, kw_only=True):
    doc_id: str
    title: str
    grade: int
    source: AnySource


class RelevantDocs(msgspec.Struct, frozen=True, kw_only=True):
    """The highest grade first; `missing` are relevant, too, and not in the corpus."""

    documents: tuple[RelevantDoc, ...]
    missing: tuple[str, ...] = ()


class ReadRelevant(Question[RelevantDocs], frozen=True, kw_only=True):
    """The documents that are relevant to a query, by whatever source judges them first. `judged_as`: the dataset query
    whose judgments a typed one borrows."""

    dataset: str
    query_id: str = ""
    query_text: str = ""
    judged_as: str = ""


class MeasuredList(msgspec.Struct, frozen=True, kw_only=True):
    """The measures of a list, and from which source each judgment of its first `depth` documents comes."""

    values: dict[str, float | None]
    placed: dict[str, int]


class MeasuredWith(msgspec.Struct, frozen=True, kw_only=True):
    """`counts`: the query's judgments that count, by the source they come from; `differ`: of documents that a later
    source grades otherwise than the one that counts."""

    sources: tuple[AnySource, ...]
    lists: tuple[MeasuredList, ...]
    counts: dict[str, int]
    differ: int = 0


class MeasureLists(Question[tuple[MeasuredWith, ...]], frozen=True, kw_only=True):
    """Measure lists of document ids (the best first) over the judgments of each union in `unions`: sources by
    precedence. `judged_as`: the dataset query whose judgments a typed one borrows. `systems` are those of the lists in
    the notation ("" where it is not known), and `asked` how many documents they were asked for: recall that looks
    deeper than a list can go has no value."""

    dataset: str
    query_id: str = ""
    query_text: str = ""
    lists: tuple[tuple[str, ...], ...]
    unions: tuple[tuple[AnySource, ...], ...] = (DATASET_ONLY, PRECEDENCE)
    measures: tuple[str, ...] = ()  # () for those of a list's head
    depth: Count = 10
    judged_as: str = ""
    systems: tuple[str, ...] = ()
    asked: Count = 1000


def judged_id(evaluation: str, sources: tuple[AnySource, ...]) -> str:
    """The id under which a stored evaluation is asked for over the judgments of these sources, the one that counts
    first in front."""
    return evaluation if sources == DATASET_ONLY else f"{evaluation}~{'+'.join(sources)}"


def evaluation_of(judged: str) -> str:
    """The stored evaluation that such an id is of."""
    return judged.partition("~")[0]


Choice = Literal["left", "right", "tie"]


class Preference(msgspec.Struct, frozen=True, kw_only=True):
    """Which of two lists was preferred without knowing whose they were; `left` and `right` in the notation. `seed`: of
    how the sides were drawn."""

    query_id: str = ""
    query_text: str = ""
    left: str
    right: str
    choice: Choice
    who: str = ""
    when: str = ""
    seed: int = 0
    why: str = ""


class KeepPreference(Question[int], frozen=True, kw_only=True):
    """Answered with its number when it is on the disk."""

    dataset: str
    preference: Preference


class DropPreference(Question[None], frozen=True, kw_only=True):
    dataset: str
    number: Count


class ReadPreferences(Question[tuple[Preference, ...]], frozen=True, kw_only=True):
    """All, the earliest first."""

    dataset: str
