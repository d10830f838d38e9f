"""How often the lists of a query, or of an evaluation, agree with the axioms of retrieval: a matrix, and below it the
pairs of documents that go against the axiom under the cursor."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import count

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.message import Message

from zsr_tui.api.events import AnyEvent, EngineLost, Failed, JobProgress
from zsr_tui.api.explanations import AXIOM_DEPTH, AxiomsFound, AxiomsRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.explanation import Agreement, Part, Violation
from zsr_tui.numerals import counted
from zsr_tui.text import one_line
from zsr_tui.ui.explain.axioms.matrix import AxiomMatrix
from zsr_tui.ui.explain.rows import Section
from zsr_tui.ui.explain.table import PartsTable
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.copying.choice import Choice, Copyable
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.marks import mark
from zsr_tui.ui.parts.messages import Axiomatic, Explainable, ExplanationWanted, KnownList
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.pieces import Piece, crop, shorten_notation
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.wrapping import wrap

_numbers = count(1)


@dataclass
class Told(Message):
    """An event of the stream."""

    event: AnyEvent


class AxiomsScreen(BaseScreen[None]):
    """What the keys do is in `zsr_tui.ui.keys.table.explain`; its handlers are the public methods here."""

    PLACE = "axioms"
    AUTO_FOCUS = ""
    CSS_PATH = "screen.tcss"

    def __init__(self, engine: EngineApi, about: Axiomatic) -> None:
        super().__init__()
        self._engine, self._about = engine, about
        self._found: AxiomsFound | None = None
        self._lists: tuple[KnownList, ...] = ()  # that were looked at
        self.status, self.notice = Bar(id="status"), Notice()
        self.matrix, self.about, self.pairs = AxiomMatrix(id="matrix"), Lines(id="about"), PartsTable(id="pairs")

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.notice
        yield self.matrix
        yield self.about
        yield self.pairs
        yield KeyBar()

    def on_mount(self) -> None:
        what = self._about.query or self._about.qid or self._about.dataset
        self.status.show([(" Axioms ", "title-active"), (one_line(what), "title")], [self._over(0)])
        self.matrix.focus()
        self.again()

    def again(self) -> None:
        self._found, self._lists = None, self._about.lists()
        self.notice.say("")
        self.matrix.show((), (), ())
        self.pairs.show([], top=True)
        self.about.show([[("looking at the pairs of documents …", "warning")]])
        self.ask("axioms", self._check)

    async def _check(self) -> None:
        """Cancelled, it closes its stream, which ends the work."""
        about = self._about
        request = AxiomsRequest(
            id=f"axioms-{os.getpid()}-{next(_numbers)}",
            dataset=about.dataset,
            query=about.query,
            qid=about.qid,
            lists=tuple(each.ids for each in self._lists),
            systems=about.systems,
            evaluation=about.evaluation,
        )
        async for event in self._engine.stream(request):
            self.post_message(Told(event))

    @on(Told)
    def _take(self, message: Told) -> None:
        message.stop()
        match message.event:
            case JobProgress(progress=progress):
                said = ", ".join(progress.numbers())
                self.about.show([[(f"looking at the pairs of documents: {said} …", "warning")]])
            case AxiomsFound() as found:
                self._show(found)
            case EngineLost(restarted=True, see_log=see_log):
                ours = f"The engine stopped; a new one runs and looks at the pairs again{see_log}."
                self.notice.say(message.event.waiting or ours)
            case EngineLost(see_log=see_log):
                self.notice.say(f"The engine stopped again{see_log}.")
            case Failed(problem=problem):
                self.show_problem(problem.message, "axioms")

    def show_problem(self, sentence: str, group: str) -> None:
        self.notice.say(sentence)
        self.about.show([])

    # what the keys do

    def open(self) -> None:
        """From the matrix to the pairs; from a pair to both documents side by side."""
        if self.pairs.has_focus:
            self._compare()
        elif self.pairs.places:
            self.pairs.focus()
        elif self._found is not None:
            self.tell("No pair of this list goes against this axiom.")

    @on(CursorView.Opened)
    def _double_click(self) -> None:
        self.open()

    def other_table(self) -> None:
        (self.matrix if self.pairs.has_focus else self.pairs).focus()

    def leave(self) -> None:
        if self.pairs.has_focus:
            self.matrix.focus()
        else:
            self.dismiss()

    def _compare(self) -> None:
        """The document that stands above against the one that an axiom has above it."""
        agreement = self.matrix.agreement
        if agreement is None or not agreement.violations:
            return
        pair = agreement.violations[self.pairs.cursor]
        notation = self._systems[agreement.system][1]
        if not notation:
            self.tell("The list is of a run file: no system here could explain its scores.")
            return
        runnable = [each for _, each in self._systems if each]
        about, lists = self._about, self._lists
        explained = tuple(each for each, (_, one) in zip(lists, self._systems, strict=True) if one) if lists else ()
        self.post_message(
            ExplanationWanted(
                Explainable(
                    dataset=pair.dataset or about.dataset,
                    systems=tuple(runnable),
                    system=runnable.index(notation),
                    doc_id=pair.upper,
                    against=pair.lower,
                    query=about.query,
                    qid=pair.qid or about.qid,
                    lists=lambda: explained,
                    drop_self=about.drop_self,
                    pane=about.pane,
                )
            )
        )

    def copyable(self) -> Copyable | None:
        """The matrix in Markdown; the pair under the cursor."""
        agreement = self.matrix.agreement
        if agreement is None:
            return None
        choices = [Choice("m", "the matrix as Markdown", self.matrix.in_markdown())]
        if agreement.violations:
            choices.append(Choice("p", "the pair under the cursor", _whole(agreement.violations[self.pairs.cursor])))
        return Copyable("axioms", tuple(choices))

    # what is seen

    @property
    def _systems(self) -> tuple[tuple[str, str], ...]:
        """(name, notation), "" for a run file."""
        found = self._found.systems if self._found is not None else ()
        return found or tuple((notation, notation) for notation in self._about.systems)

    def _called(self, system: int) -> str:
        """In the notation; a run file's own."""
        name, notation = self._systems[system]
        return notation or name

    def _show(self, found: AxiomsFound) -> None:
        self._found = found
        self.notice.say(" ".join(found.notes))
        what = self._about.query or self._about.qid or self._about.dataset
        self.status.show([(" Axioms ", "title-active"), (one_line(what), "title")], [self._over(found.queries)])
        self.matrix.show(
            [name for name, *_ in found.axioms],
            [self._called(number) for number in range(len(self._systems))],
            found.agreements,
        )
        self._show_cell()

    def _over(self, queries: int) -> Piece:
        over = f", {counted(queries, 'query', 'queries')}" if self._about.evaluation and queries else ""
        return f"pairs of the first {AXIOM_DEPTH} documents{over} ", "muted"

    @on(CursorView.Moved)
    def _moved(self) -> None:
        if self.matrix.has_focus:
            self._show_cell()

    def on_resize(self) -> None:
        if self._found is not None:
            self._show_cell()

    def _show_cell(self) -> None:
        """What the axiom says, what the list makes of it, and the pairs against it."""
        found, agreement = self._found, self.matrix.agreement
        if found is None or agreement is None:
            return
        name, says, goes_by = found.axioms[self.matrix.cursor]
        width = max(20, self.size.width - 2)
        system = one_line(shorten_notation(self._called(agreement.system), 60))
        lines: list[list[Piece]] = []
        for text, role in ((f"{name}: {says}", "strong"), (f"{system}: {self._counted(agreement)}", "text")):
            lines += [[(text[start:end], role)] for start, end in wrap(text, width)]
        self.about.show(lines)
        self.pairs.show(_pairs(agreement, goes_by, self.size.width), top=True)

    def _counted(self, of: Agreement) -> str:
        """The numbers of the cell in words."""
        found, said = self._lists[of.system] if self._lists else None, of.agree + of.against
        again = f"{self.key_of('axioms_again')} looks again"
        if found is not None and not found.ids:
            return f"its list was not there yet: {again}."
        so_far = f" The list was still provisional: {again}." if found is not None and found.provisional else ""
        if not said:
            return f"the axiom says nothing of any pair of its list.{so_far}"
        pairs = counted(said, "pair")
        counts = f"of {pairs} that it says something of, {of.agree:,} agree and {of.against:,} go against it."
        return f"{counts} {_judged(of)}{so_far}" if of.against else f"{counts}{so_far}"


def _judged(of: Agreement) -> str:
    """What judgments say of the pairs against it."""
    told = of.list_right + of.axiom_right
    if not told:
        return "Judgments do not say who is right: no such pair has two judged documents of different grades."
    which = "Judgments tell it apart" if of.against == told == 1 else f"Judgments tell {told:,} of them apart"
    return f"{which}: {of.list_right:,} as the list has them, {of.axiom_right:,} as the axiom does."


def _pairs(of: Agreement, goes_by: str, width: int) -> list[Section]:
    if not of.violations:
        return []
    several = f", the first {len(of.violations)} of {of.against:,}" if of.against > len(of.violations) else ""
    title = f"Against it{several}: enter compares the two documents"
    facts = max(sum(max(len(fact), 5) + 2 for fact in each.facts) for each in of.violations)
    ranks = max(len(_pair(each, ("", ""))) for each in of.violations)
    room = max(16, width - facts - ranks - 4)
    parts = [Part(text=_pair(each, _short(each, room)), values=each.facts) for each in of.violations]
    return [Section(title, ("above", "below"), parts, f"The numbers: {goes_by}.")]


def _short(of: Violation, room: int) -> tuple[str, str]:
    """Both titles in so many cells, or the ids of documents without one."""
    one, other = (one_line(title) or doc_id for title, doc_id in zip(of.titles, (of.upper, of.lower), strict=True))
    first = max(room // 2, room - cell_len(other))
    return _cropped(one, first), _cropped(other, room - min(first, cell_len(one)))


def _cropped(text: str, room: int) -> str:
    return "".join(piece for piece, _ in crop([(text, "text")], room))


def _whole(of: Violation) -> str:
    """With titles and ids, as it is copied."""
    one, other = (
        f"{one_line(title)} ({doc_id})" if title.strip() else doc_id
        for title, doc_id in zip(of.titles, (of.upper, of.lower), strict=True)
    )
    return _pair(of, (one, other))


def _pair(of: Violation, names: tuple[str, str]) -> str:
    """`3. ●2 Keeping eggs above 7. ○ Six minutes`."""
    where = f"{of.qid}: " if of.qid else ""
    one, other = (
        f"{rank}. {''.join(mark(grade)[:2])} {name}"
        for rank, grade, name in zip(of.ranks, of.grades, names, strict=True)
    )
    return f"{where}{one} above {other}"
