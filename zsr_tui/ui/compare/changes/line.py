"""Below the query line, while the query is a change of another: what was changed, and what that did to each list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zsr_tui.api.events import DocHead, Ranking
from zsr_tui.text import one_line, printable
from zsr_tui.ui.compare.changes.effect import Effect, Move, effect, measure, move_pieces, summary, titles_of
from zsr_tui.ui.compare.changes.words import word_pieces
from zsr_tui.ui.compare.session import Phase, SearchSession, SystemList
from zsr_tui.ui.compare.versions import Version
from zsr_tui.ui.parts.paint import PaintedWidget
from zsr_tui.ui.parts.pieces import Piece, crop, shorten_notation, width_of

EVERY_LIST_FROM = 34  # lines of the terminal from which each list has a line; below it only the active one has
LABEL = 22  # cells at most
TITLE = 20  # cells of a title, of which there are more where there is room for so many of each
SHORTEST_TITLE, LONGEST_TITLE = 6, 40
MOVE = 12  # cells of what stands before a title, about
ROOMY = 60  # cells from which it is said that this is about the first ten
NO_BEFORE = "nothing to compare with: before the change this list was not asked, or not finished"


class ChangeLine(PaintedWidget):
    """Takes the session as it stands; hidden while the shown query is no change of another."""

    DEFAULT_CSS = "ChangeLine { height: 1; }"
    ALLOW_SELECT = False

    def __init__(self, session: SearchSession) -> None:
        super().__init__(id="change")
        self._session = session
        self._active = 0
        self._effects: dict[int, tuple[Ranking | None, SystemList, Effect]] = {}  # by list: of what state, from which
        self.display = False

    def show(self, active: int) -> None:
        """What the session has now; `active` is the list that has a line where not all have one."""
        version = self._session.version
        self._active = active
        changed = version is not None and version.parent is not None
        if changed:
            self.styles.height = 1 + len(self._numbers)
        if changed != self.display:
            self.display = changed
            self.screen.query_one("QueryLine").set_class(changed, "changed")  # no blank line between them
        self.refresh()

    @property
    def _numbers(self) -> list[int]:
        """The lists that have a line."""
        every = self.screen.size.height >= EVERY_LIST_FROM
        return list(range(len(self._session.lists))) if every else [self._active]

    def lines_for(self, width: int) -> list[list[Piece]]:
        version = self._session.version
        if version is None or version.parent is None:
            return []
        lines = [self._what(version, version.parent)]
        lines += [self._did(number, version.parent, width) for number in self._numbers]
        return [crop(line, width) for line in lines]

    def _what(self, version: Version, parent: Version) -> list[Piece]:
        of = f"qid {printable(version.root.own)}" if version.root.own is not None else "a free query"
        number = f"change {version.changes}" if version.changes > 1 else "a change"
        judged_as = self._session.judged_as
        whose = "its judgments" if judged_as == version.root.own else f"those of qid {printable(judged_as or '')}"
        said: list[Piece] = [(f", with {whose}", "warning")] if judged_as is not None else []
        return [(f" {number} of {of}", "strong"), *said, (": ", "text"), *word_pieces(parent.text, version.text)]

    def _did(self, number: int, parent: Version, width: int) -> list[Piece]:
        now, before = self._session.lists[number], self._session.before(number)
        labels = [one_line(shorten_notation(each.head.label, LABEL)) for each in self._session.lists]
        named = f"{labels[number]:<{max(map(len, labels))}}  " if len(self._numbers) > 1 else ""  # else it is below
        line: list[Piece] = [(f"  {number + 1} {named}", "muted")]
        if now.phase is Phase.BEHIND:
            return [*line, (now.phase.value, "muted")]
        if before is None:
            return [*line, (NO_BEFORE, "faint")]
        if now.phase is not Phase.DONE:
            return [*line, ("…" if now.unfinished else now.phase.value, "muted")]
        found = self._effect(number, before, now)
        figures = measure(before, now)
        line += [*figures, (" · ", "faint")] if figures else []
        titles = titles_of(parent.heads, self._session.heads)
        return [*line, *_effect_pieces(found, titles, width - width_of(line))]

    def _effect(self, number: int, before: SystemList, now: SystemList) -> Effect:
        """It is asked for at every paint, and changes with the list alone."""
        known = self._effects.get(number)
        if known is None or known[0] is not now.ranking or known[1] is not before:
            known = self._effects[number] = now.ranking, before, effect(before, now)
        return known[2]


def _effect_pieces(found: Effect, titles: Mapping[str, DocHead], room: int) -> list[Piece]:
    """`top 10: 2 in: ●1 14→3 Folate suppl…, 2 out: · 2→gone Methylmal…`: what came and what left, each with as many of
    its documents as there is room for, one at least."""
    if not (found.came or found.left):
        said: list[Piece] = [(f"{summary(found)}: " if found.inside else summary(found), "text")]
        return said + _listed(found.inside, titles, _title_width(room - width_of(said), len(found.inside)))
    top = "top 10: " if room >= ROOMY else ""
    words = width_of([(f"{top}{len(found.came)} in: , {len(found.left)} out: ", "text")])
    least = bool(found.came) + bool(found.left)
    count = max(least, (room - words) // (MOVE + TITLE))
    came, left, inside = found.named(count)
    title = _title_width(room - words, len(came + left + inside))
    line: list[Piece] = [(top, "text")]
    for number, word, moves in ((len(found.came), "in", came), (len(found.left), "out", left)):
        line += [*([(", ", "faint")] if len(line) > 1 else []), (f"{number} {word}", "text")]
        line += [(": ", "text"), *_listed(moves, titles, title)] if moves else []
    return line + ([(", ", "faint"), *_listed(inside, titles, title)] if inside else [])


def _listed(moves: Sequence[Move], titles: Mapping[str, DocHead], title: int) -> list[Piece]:
    line: list[Piece] = []
    for place, move in enumerate(moves):
        line += [(", ", "faint")] * (place > 0) + move_pieces(move, titles, title)
    return line


def _title_width(room: int, count: int) -> int:
    return max(SHORTEST_TITLE, min(LONGEST_TITLE, room // max(1, count) - MOVE))
