"""Would it rank if it said ...: a document's text is edited, and each system scores what it says now."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import TextArea

from zsr_tui.api.edited import EditedScore, ScoreEdited
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Doc
from zsr_tui.text import one_line, printable
from zsr_tui.ui.compare.session import SystemList
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.marks import movement
from zsr_tui.ui.parts.pieces import Piece, decimals, shorten_notation
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.wrapping import wrapped_lines

LABEL = 26  # cells of a system's name


class EditScreen(BaseScreen[None]):
    """`systems` are the lists of the shown query as they stand; nothing in the corpus changes."""

    PLACE = "edit"
    CSS_PATH = "edit.tcss"

    def __init__(self, engine: EngineApi, dataset: str, query: str, doc: Doc, systems: Sequence[SystemList]) -> None:
        super().__init__()
        self._engine, self._dataset, self._query, self._doc, self._systems = engine, dataset, query, doc, systems
        self.scores = Lines(id="edited-scores")
        self.area = TextArea(printable(doc.text), id="edited-text", soft_wrap=True, show_line_numbers=False)

    def compose(self) -> ComposeResult:
        yield self.scores
        yield self.area
        yield KeyBar()

    def on_mount(self) -> None:
        self.area.focus()
        self._say("Edit, then F5: what each system makes of it. The corpus keeps its own text.")

    @property
    def text(self) -> str:
        """What the document says now; its own text to the letter where nothing was edited."""
        shown = self.area.text
        return self._doc.text if shown == printable(self._doc.text) else shown

    def restore(self) -> None:
        self.area.load_text(printable(self._doc.text))

    def score(self) -> None:
        self._say("scoring ...")
        self.ask("edited", self._score)

    async def _score(self) -> None:
        question = ScoreEdited(
            dataset=self._dataset,
            doc_id=self._doc.id,
            text=self.text,
            query=self._query,
            systems=tuple(system.head.notation for system in self._systems),
        )
        scored = await self._engine.call(question)
        self.scores.show([*self._title(), *lines(self._doc.id, self._systems, scored, self.size.width - 2)])

    def _title(self) -> list[list[Piece]]:
        return [
            [(f"{one_line(self._doc.id)} ", "title-active"), (one_line(self._doc.title) or "(no title)", "strong")],
            [("for the query ", "muted"), (one_line(self._query), "text")],
        ]

    def _say(self, sentence: str, role: str = "muted") -> None:
        """In place of the scores."""
        rest: list[list[Piece]] = [[] for _ in range(len(self._systems) - 1)]
        self.scores.show([*self._title(), [(sentence, role)], *rest])

    def show_problem(self, sentence: str, group: str) -> None:
        self._say(sentence, "error")


def lines(doc_id: str, systems: Sequence[SystemList], scored: Sequence[EditedScore], width: int) -> list[list[Piece]]:
    """`1 bm25  2 (7.458) → 1 (8.210) ↑1`, a line for each system, more where one says why it cannot say."""
    labels = [one_line(shorten_notation(system.head.label, LABEL)) for system in systems]
    wide = max(map(len, labels), default=0)
    found: list[list[Piece]] = []
    for number, (label, system, score) in enumerate(zip(labels, systems, scored, strict=True), 1):
        named: list[Piece] = [(f"{number} {label:<{wide}}  ", "muted")]
        if score.before is None or score.after is None:
            sentence = wrapped_lines(f"cannot say: {printable(score.why_not)}", max(20, width - wide - 4))
            found.append([*named, (sentence[0], "warning")])
            found += [[(" " * (wide + 4) + line, "warning")] for line in sentence[1:]]
        else:
            found.append([*named, *_made_of_it(doc_id, system, score, score.before, score.after)])
    return found


def _made_of_it(doc_id: str, system: SystemList, found: EditedScore, before: float, after: float) -> list[Piece]:
    places = decimals(system.rows)
    was, now = system.places.get(doc_id), place_of(after, doc_id, system)
    last = now == len(system.rows) - (was is not None) and not _is_whole(system)
    pieces: list[Piece] = [
        (f"below {len(system.rows)}" if was is None else str(was + 1), "text"),
        (f" ({before:z.{places}f})", "muted"),
        (" → ", "muted"),
        (f"{now + 1}{' or lower' if last else ''}", "strong"),
        (f" ({after:z.{places}f})", "muted"),
    ]
    if was is not None:
        pieces += [("  ", "plain"), movement(now, was)]
    notes = ["input cut†"] * found.cut + ["if still a candidate"] * found.given
    return [*pieces, *([(f"  {', '.join(notes)}", "faint")] if notes else [])]


def place_of(score: float, doc_id: str, system: SystemList) -> int:
    """The place (from 0) that a document with this score would have among the others of the list."""
    others = (row.score for row in system.rows if row.doc_id != doc_id)
    return sum(other is not None and other > score for other in others)


def _is_whole(system: SystemList) -> bool:
    """Nothing stands below the list: all candidates of its reranker are in it."""
    ranking = system.ranking
    reranked = any(row.candidate_rank is not None for row in system.rows)
    return ranking is not None and reranked and ranking.total == len(ranking.rows)
