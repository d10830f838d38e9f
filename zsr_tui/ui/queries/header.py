"""The lines above an evaluation's queries: what is compared on what, and what the systems' numbers stand for."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import QueryRow
from zsr_tui.numerals import counted
from zsr_tui.selection import QuerySelection
from zsr_tui.text import one_line, shorten_middle
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.judging.marks import over
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.pieces import Piece, ended, flow, fold, progress_bar
from zsr_tui.ui.queries.choice import QueryChoice
from zsr_tui.ui.queries.listing import Listing
from zsr_tui.ui.queries.table.columns import name_of

MOST_LINES = 4  # of the systems' names


class QueriesHeader(Vertical):
    DEFAULT_CSS = """
    QueriesHeader { height: auto; }
    QueriesHeader > Lines { padding: 0; }
    QueriesHeader > Bar { background: $surface; }
    QueriesHeader > Bar:ansi { background: ansi_default; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._names, self._systems = Bar(id="status"), Lines()
        self._groups: list[list[Piece]] = []

    def compose(self) -> ComposeResult:
        yield self._names
        yield self._systems

    def show(self, item: EvaluationItem | None, listing: Listing, query: QueryRow | None) -> None:
        """On the right how many queries match, or the one `query` whose documents are shown."""
        matching, total = listing.pages.matching, listing.pages.total
        right = ""
        if listing.read is not None:
            right = f"reading the rankings {progress_bar(listing.read, total, 12)} {listing.read:,} of {total:,}"
        elif query is not None:
            right = ended(f"{one_line(query.qid)} · {one_line(query.text)}", max(20, self.size.width // 2))
        elif matching is not None:
            filters = shorten_middle(" · ".join(listing.choice.filters), max(20, self.size.width - 52))
            right = " · ".join(filter(None, (filters, f"{matching:,} of {counted(total, 'query', 'queries')}")))
        self.show_names(item, listing.choice, right)

    def show_names(self, item: EvaluationItem | None, choice: QueryChoice, right: str) -> None:
        """And whose judgments count, where that is not the dataset's alone."""
        selection = choice.selection
        pieces: list[Piece] = [(" Evaluation ", "muted")]
        if item is not None:
            pieces = [(f" {one_line(item.dataset)}", "strong")]
            if item.subset:
                pieces.append((f" ({one_line(item.subset)})", "muted"))
            if item.done != item.queries:
                done = f"{item.done:,} of {counted(item.queries, 'query', 'queries')} done"
                pieces.append((f" · provisional, {done}", "warning"))
            pieces += [
                (f" · {selection.measure} · ", "text"),
                (name_of(selection.system, selection), "reference"),
                (" against ", "muted"),
                (name_of(selection.baseline, selection), "reference"),
            ]
            if whose := over(choice.evaluation):
                pieces.append((f" · {whose}", "warning"))
            self._groups = [_legend(number, label, selection) for number, label in enumerate(item.systems)]
        self._names.show(pieces, [(f"{right} ", "text")])
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        width = max(20, self.size.width - 2)
        lines = fold(flow(self._groups, width), MOST_LINES, width) or [[]]
        self._systems.show([[(" ", "plain"), *line] for line in lines])


def _legend(system: int, label: str, selection: QuerySelection) -> list[Piece]:
    role = "strong" if system in (selection.system, selection.baseline) else "muted"
    about = " (baseline)" if system == selection.baseline else ""
    return [(name_of(system, selection), "reference"), (f" {one_line(label)}", role), (about, "muted")]
