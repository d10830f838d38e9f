"""What a file says, held against a dataset: its queries, its documents, its scale, and against itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from zsr_tui.api.judging import Judgment
from zsr_tui.domain import Query
from zsr_tui.judging.keeping.rows import query_key
from zsr_tui.judging.lines import BadLine, BadLines
from zsr_tui.judging.reading import Line, Read
from zsr_tui.judging.scale import HIGHEST, LOWEST, counts_as
from zsr_tui.numerals import counted
from zsr_tui.text import same_text

Pair = tuple[str, str]  # the query, as what is kept knows it, and the document


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a dataset knows. `by_id` and `by_text` give one of its queries, None where it has none; `documents` those
    of some ids that exist; `scale` is its lowest and its highest grade."""

    id: str
    by_id: Callable[[str], Query | None]
    by_text: Callable[[str], Query | None]
    documents: Callable[[Collection[str]], Collection[str]]
    scale: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wishes:
    """`grades`: what a grade of the file is on the dataset's scale. `skip_unknown`: lines about queries and documents
    that the dataset lacks are left out, and not refused."""

    grades: Mapping[int, int] = field(default_factory=dict)
    skip_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """`notes`: what the user should know of the file, in sentences."""

    name: str
    judgments: tuple[Judgment, ...]
    notes: tuple[str, ...] = ()


def pair_of(judgment: Judgment) -> Pair:
    return query_key(judgment), judgment.doc_id


def checked(found: Read, dataset: Dataset, wishes: Wishes | None = None) -> Checked:
    """The judgments of a file with the dataset's ids and texts of their queries. Raises `Problem`, which names every
    line that does not fit."""
    return _Checking(found, dataset, wishes or Wishes()).result()


class _Checking:
    def __init__(self, found: Read, dataset: Dataset, wishes: Wishes) -> None:
        self._found, self._dataset, self._wishes = found, dataset, wishes
        self._bad = BadLines(found.name)
        self._counts: Counter[str] = Counter()
        self._kept: dict[tuple[Pair, str, str], tuple[int, Judgment]] = {}  # with its line

    def result(self) -> Checked:
        documents = set(self._dataset.documents({line.judgment.doc_id for line in self._found.lines}))
        for line in self._found.lines:
            if line.source == "dataset":
                self._counts["dataset"] += 1
                continue
            try:
                self._take(line, documents)
            except BadLine as wrong:
                self._bad.add(line.number, str(wrong))
        self._bad.refuse(", and ".join(self._remedies()))
        judgments = tuple(judgment for _, judgment in self._kept.values())
        return Checked(self._found.name, judgments, tuple(self._notes(judgments)))

    def _take(self, line: Line, documents: Collection[str]) -> None:
        query = self._query(line.judgment)
        if query is None or line.judgment.doc_id not in documents:
            self._unknown(line.judgment, query is None)
            return
        judgment = self._graded(msgspec.structs.replace(line.judgment, query_id=query.id, query_text=query.text))
        key = (pair_of(judgment), judgment.source, judgment.who)
        earlier = self._kept.get(key)
        if earlier is None:
            self._kept[key] = line.number, judgment
        else:
            self._kept[key] = self._again(*earlier, line.number, judgment)

    def _query(self, judgment: Judgment) -> Query | None:
        """With the id "" for one that was typed. Raises `BadLine` for an id with the text of another query."""
        by_text = self._dataset.by_text(judgment.query_text) if judgment.query_text.strip() else None
        if not judgment.query_id:
            # a column that is called "query" may hold ids
            return by_text or self._dataset.by_id(judgment.query_text) or Query("", judgment.query_text)
        query = self._dataset.by_id(judgment.query_id)
        if query is None or not judgment.query_text.strip() or same_text(query.text) == same_text(judgment.query_text):
            return query or by_text
        raise BadLine(
            f"has the query {judgment.query_id!r} with another text than {self._dataset.id}: it is of another dataset"
        )

    def _unknown(self, judgment: Judgment, query: bool) -> None:
        """Raises `BadLine` where such lines are not to be left out."""
        what, id = ("query", judgment.query_id) if query else ("document", judgment.doc_id)
        self._counts[f"unknown {what}"] += 1
        if not self._wishes.skip_unknown:
            raise BadLine(f"names the {what} {id[:80]!r}, which {self._dataset.id} does not have")

    def _graded(self, judgment: Judgment) -> Judgment:
        """On the dataset's scale. A model's grade without one beside it is on the model's own."""
        grade, given = self._wishes.grades.get(judgment.grade), judgment.given
        lowest, highest = self._dataset.scale
        if judgment.source == "model" and given is None and LOWEST <= judgment.grade <= HIGHEST:
            given = judgment.grade
            grade = counts_as(given, highest) if grade is None else grade
        grade = judgment.grade if grade is None else grade
        if not lowest <= grade <= highest:
            self._counts["scale"] += 1
            raise BadLine(f"has the grade {grade}, and those of {self._dataset.id} go from {lowest} to {highest}")
        return msgspec.structs.replace(judgment, grade=grade, given=given)

    def _again(self, number: int, before: Judgment, again: int, judgment: Judgment) -> tuple[int, Judgment]:
        """The one that counts of two of one person for one pair. Raises `BadLine` where nobody can say."""
        if before.grade != judgment.grade and (not before.when or not judgment.when or before.when == judgment.when):
            raise BadLine(
                f"has the grade {judgment.grade} for what line {number} has {before.grade} for (query "
                f"{judgment.query_id or judgment.query_text[:40]!r}, document {judgment.doc_id!r}), and does not say "
                "which is the later one"
            )
        self._counts["same" if before.grade == judgment.grade else "changed"] += 1
        return (again, judgment) if judgment.when > before.when else (number, before)

    def _remedies(self) -> list[str]:
        remedies = []
        if any(name.startswith("unknown") for name in self._counts):
            remedies.append("--skip-unknown leaves out what the dataset does not have")
        if self._counts["scale"]:
            remedies.append("--grades 4=3,5=3 says what a grade is here")
        return remedies

    def _notes(self, judgments: Sequence[Judgment]) -> list[str]:
        name, counts, notes = self._found.name, self._counts, []
        if self._found.dataset not in ("", self._dataset.id):
            notes.append(
                f"{name} was written for {self._found.dataset}, and is read as judgments of {self._dataset.id}."
            )
        for what, many in (("query", "queries"), ("document", "documents")):
            if count := counts[f"unknown {what}"]:
                lines = counted(count, "judgment")
                notes.append(f"{name}: {lines} left out, of {many} that {self._dataset.id} does not have.")
        if count := counts["dataset"]:
            notes.append(f"{name}: {counted(count, 'judgment')} of the dataset itself left out: it has its own.")
        if count := counts["same"]:
            notes.append(f"{name}: {counted(count, 'line')} left out that repeat a judgment.")
        if count := counts["changed"]:
            notes.append(f"{name}: of {counted(count, 'judgment')} that were changed, the later one is taken.")
        grades = {judgment.grade for judgment in judgments}
        lowest, highest = self._dataset.scale
        if grades and not self._wishes.grades and max(grades) < highest and len(judgments) >= _ENOUGH:
            notes.append(
                f"{name}: its grades go from {min(grades)} to {max(grades)}, those of {self._dataset.id} from {lowest} "
                f"to {highest}: if 1 is not the same in both, say what it is with --grades."
            )
        return notes


_ENOUGH = 20  # judgments that tell something of a scale
