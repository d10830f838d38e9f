"""What stands above a list: system, measures, and what the list cost or how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message

from zsr_tui.api.events import Ranking
from zsr_tui.api.requests import DEFAULT_MEASURES
from zsr_tui.domain import DATASET_ONLY, AnySource
from zsr_tui.numerals import counted, elapsed, parameters
from zsr_tui.text import printable
from zsr_tui.ui.compare.session import Phase, SystemList
from zsr_tui.ui.parts import lacking
from zsr_tui.ui.parts.judging.marks import GLYPHS, counted_by_source
from zsr_tui.ui.parts.judging.state import Measures
from zsr_tui.ui.parts.paint import PaintedWidget
from zsr_tui.ui.parts.pieces import Piece, crop, flow, fold, progress_bar, shorten_notation, width_of

SLIDER = 12  # cells, its ends included
BEST = "◆"  # on it: where the measure of the query is highest
NAME = 16  # cells of the name of a weighted list: its weight fits beside it in a list of forty
DOT: Piece = (" · ", "faint")
PARTLY = "◔"  # a list that searches a part of the documents


def lines_needed(width: int) -> int:
    """How many lines the measures and numbers of a head take at a width, in cells."""
    return 2 if width >= 60 else 3 if width >= 50 else 4


@dataclass(frozen=True, slots=True)
class HeadView:
    """What a head shows. `judgments` is False for a free query, None before the first query. `before` is the list of
    the query that this one is a change of, `borrowed` says that the judgments are that one's. `keys` pause and stop
    what the list waits for."""

    number: int  # from 1
    system: SystemList
    active: bool
    reference: bool
    judgments: bool | None
    before: SystemList | None = None
    borrowed: bool = False
    keys: tuple[str, str] = ("w", "W")

    @property
    def partly(self) -> bool:
        """Whether the list searched a part of the documents."""
        return self.system.ranking is not None and self.system.ranking.searched is not None


def title_line(view: HeadView, width: int) -> list[Piece]:
    """`▶1 label ━━━━ 33.4M ━ reference ━`"""
    head = view.system.head
    rule, rule_role = ("━", "rule-active") if view.active else ("─", "rule")
    left: list[Piece] = [
        ("▶" if view.active else " ", "rule-active"),
        (f"{view.number} ", "title-active" if view.active else "title"),
    ]
    if view.partly:
        left.append((f"{PARTLY} ", "warning"))
    right: list[Piece] = []
    for reference, size in (("reference", True), ("ref", True), ("ref", False)):  # the name comes first
        shown = parameters(head.parameters) if size else ""
        right = []
        for text, role in ((shown, "muted"), (reference * view.reference, "reference")):
            if text:
                right += [(f" {text} ", role), (rule, rule_role)]
        room = width - width_of(left) - width_of(right) - 2
        if len(head.label) <= room:
            break
    name = shorten_notation(head.label, max(1, room))
    left.append((f"{printable(name)} ", "title-active" if view.active else "title"))
    gap = width - width_of(left) - width_of(right)
    return crop([*left, (rule * max(0, gap), rule_role), *right], width)


def notation_line(view: HeadView, width: int) -> list[Piece]:
    """Parameters and notation where the title does not say them, and the note as far as there is room."""
    head = view.system.head
    title = {text.strip() for text, _ in title_line(view, width)}
    size = parameters(head.parameters)
    size = f"{size} · " if size and size not in title else ""
    room = width - 1 - len(size)
    name = "" if head.notation in title else printable(shorten_notation(head.notation, room))
    note = printable(head.note) if room - len(name) >= 12 else ""
    return crop([(f" {size}{name}", "muted"), (" · " if name and note else "", "faint"), (note, "faint")], width)


def measure_pieces(view: HeadView) -> list[list[Piece]]:
    """One group a measure; never a number that was not measured."""
    if view.judgments is None:
        return []
    if view.system.judged is not None:
        return _judged_pieces(view, *view.system.judged)
    if not view.judgments:
        return [[("no judgments", "muted")]]
    values = None if view.system.held else view.system.measures
    if values is None and not (view.system.unfinished or view.system.held):
        return [[("not measured", "muted")]]
    names = list(values) if values else list(DEFAULT_MEASURES)
    before = (view.before.measures if view.before is not None else None) or {}
    groups: list[list[Piece]] = [
        [(f"{name} ", "muted"), *_measured(values[name], before.get(name))]
        if values
        else [(f"{name} ", "muted"), ("…    ", "muted")]
        for name in names
    ]
    if values and view.partly:
        groups.insert(0, [("provisional", "warning")])
    if view.borrowed:
        groups.append([("borrowed judgments", "warning")])
    return groups


def _judged_pieces(view: HeadView, counted: Measures, beside: Measures) -> list[list[Piece]]:
    """`nDCG@10 0.533 ●.489` where other judgments give another value, and what the first ten are judged by. What the
    query's change did is over those that count."""
    groups: list[list[Piece]] = []
    before = view.before.over(counted.sources) if view.before is not None else {}
    for name, value in counted.values.items():
        text = f"{value:.3f}" if value is not None else "–"
        was = before.get(name)
        pieces: list[Piece] = [(f"{name} ", "muted"), (text, "strong")]
        if was is not None and value is not None:
            pieces += [(" ", "plain"), change(value - was)]
        groups.append([*pieces, *other_value(value, beside.values.get(name), beside.sources)])
    groups.append(
        [("top 10: ", "muted"), (counted_by_source(counted.placed, counted.sources) or "none judged", "text")]
    )
    if view.partly:
        groups.insert(0, [("provisional", "warning")])
    if view.borrowed:
        groups.append([("borrowed judgments", "warning")])
    return groups


def _measured(value: float | None, before: float | None) -> list[Piece]:
    """`0.489`, or `.489 −.124` where it is compared with what it was; `–` where it has no value."""
    if value is None:
        return [("–", "muted")]
    if before is None:
        return [(f"{value:.3f}", "strong")]
    return [(short_value(value), "strong"), (" ", "plain"), change(value - before)]


def other_value(value: float | None, other: float | None, sources: Sequence[AnySource]) -> list[Piece]:
    """` ●.489`: over the judgments of other sources, where that is another value."""
    said, glyph = short(other), GLYPHS["dataset" if tuple(sources) == DATASET_ONLY else "own"][0]
    return [(f" {glyph}{said}", "faint")] if said != short(value) else []


def short(value: float | None) -> str:
    return "–" if value is None else short_value(value)


def short_value(value: float) -> str:
    """0.4892 -> ".489": three decimals, no needless zero."""
    return f"{value:.3f}".removeprefix("0")


def change(by: float) -> Piece:
    """`+.124`, `−.124`, or `=`."""
    text = short_value(abs(by))
    if float(text) == 0:
        return "=", "same"
    return (f"+{text}", "up") if by > 0 else (f"−{text}", "down")


def number_pieces(view: HeadView) -> list[list[Piece]]:
    """Progress while it works; then time, what must be known of the scores, and the device."""
    system, ranking = view.system, view.system.ranking
    groups: list[list[Piece]] = [weight_pieces(system)] if system.weights else []
    groups += _how_far(view)
    if system.head.guessed:
        groups.append([(printable(f"guessed: {', '.join(system.head.guessed)}"), "warning")])
    if ranking:
        groups += [
            [(text, "warning")]
            for count, text in (
                (ranking.cut, f"{counted(ranking.cut, 'input')} cut†"),
                (ranking.ties, counted(ranking.ties, "tie")),
                (ranking.broken, f"{ranking.broken} without a score"),
                (ranking.dropped_self, f"{counted(ranking.dropped_self, 'self-hit')} dropped"),
            )
            if count
        ]
        groups += [[(printable(short), "warning")] for short, _ in ranking.told]
        groups += [[(printable(str(each)), "muted")] for each in ranking.approximate]
        if system.phase is Phase.DONE and ranking.scored_ms is not None:
            groups.append([(_cost(ranking), "muted")])
        if ranking.known:
            groups.append([(f"{ranking.known} from before", "muted")])
        if ranking.device:
            groups.append([(printable(ranking.device), "muted")])
        if ranking.precision and not ranking.device.endswith(ranking.precision):  # that of several models
            groups.append([(printable(ranking.precision), "muted")])
    return groups


def weight_pieces(system: SystemList) -> list[Piece]:
    """`bm25 ▕██████▋   ▏ 0.65` of two lists, and the shares of more."""
    weights, fusion = system.weights, system.head.fusion
    assert weights is not None
    name = printable(shorten_notation(weights.labels[weights.part], NAME))
    bar = progress_bar(round(weights.share * 1000), 1000, SLIDER)
    if (best := system.best) is not None:
        first, last = (1 + min(int(end * (SLIDER - 2)), SLIDER - 3) for end in (best.low, best.high))
        bar = f"{bar[:first]}{BEST * (last - first + 1)}{bar[last + 1 :]}"
    pieces: list[Piece] = [(f"{name} ", "muted"), (bar, "slider"), (f" {share(weights.share)}", "strong")]
    if best is not None:
        to = f"–{share(best.high)}" if best.low < best.high else ""
        pieces.append((f" {BEST} {share(best.low)}{to} ({short_value(best.value)})", "up"))
    if len(weights.shares) > 2:
        pieces.append((f" of {' + '.join(map(share, weights.shares))}", "muted"))
    if fusion is not None and not weights.same_as(fusion.shares):
        pieces.append((" not scored" if fusion.reranker else " …", "warning"))
    return pieces


def share(value: float) -> str:
    """Two decimals, or three where they matter."""
    return f"{value:.3f}".removesuffix("0")


def _how_far(view: HeadView) -> list[list[Piece]]:
    """What was searched and how far the search is; the time, once it is over."""
    system, ranking = view.system, view.system.ranking
    groups: list[list[Piece]] = []
    if ranking and ranking.searched:
        groups.append([(f"{PARTLY} searched {lacking.share(*ranking.searched)}", "warning")])
    if system.phase is Phase.BEHIND:
        groups.append([(system.phase.value, "warning")])
    elif system.phase is Phase.WORKING:
        groups += _progress(system)
    elif groups or system.lacking:
        return groups
    elif system.phase is Phase.WAITING:
        groups.append([("waiting", "muted")])
    elif system.phase is Phase.PREPARING:
        groups.append([("being prepared", "warning")])
    elif system.phase is Phase.STOPPED:
        at = f" at {ranking.scored}/{ranking.total}" if ranking and ranking.scored < ranking.total else ""
        groups += [[(f"stopped{at}", "warning")], lacking.key(view.keys[0], "asks again")]
    elif system.phase is Phase.FAILED:
        groups += [[("failed", "error")], lacking.key(view.keys[0], "asks again")]
    elif ranking:
        groups.append([(elapsed(ranking.elapsed_ms), "text")])
    return groups


def _cost(ranking: Ranking) -> str:
    """What the model itself took: the same whatever was waited for, loaded, or known from before."""
    fresh = ranking.scored + ranking.broken - ranking.known
    speed = f", {ranking.tokens_rate:,.0f} tokens/s" if ranking.tokens_rate else ""
    return f"{fresh} scored in {elapsed(ranking.scored_ms or 0.0)}{speed}"


def _progress(system: SystemList) -> list[list[Piece]]:
    ranking, stage = system.ranking, system.progress
    if stage is not None:
        total = f" {stage.done}/{stage.total}" if stage.total else ""
        return [[(f"{printable(stage.stage)}{total}", "text")]]
    if ranking is None:
        return []
    groups: list[list[Piece]] = [
        [(f"{ranking.scored}/{ranking.total} ", "text"), (progress_bar(ranking.scored, ranking.total, 12), "bar")]
    ]
    if ranking.rate is not None:
        groups.append([(f"{ranking.rate:.0f}/s" if ranking.rate >= 10 else f"{ranking.rate:.1f}/s", "text")])
    return groups


class RankingHead(PaintedWidget):
    """A head as high as its width and the systems ask for, and never of another height during a search."""

    DEFAULT_CSS = "RankingHead { height: 3; }"

    @dataclass
    class WeightPut(Message):
        """The slider of list `number` (from 0) was clicked where this share stands."""

        number: int
        share: float

    def __init__(self, view: HeadView) -> None:
        super().__init__()
        self._view = view
        self._notation = False
        self._rows = 2
        self._fitted = 80

    def show(self, view: HeadView) -> None:
        self._view = view
        self.refresh()

    def fit(self, width: int, *, notation: bool, low: bool) -> None:
        """Take the height that every head of this width takes, with or without a line for the notation; `low`: one for
        measures and numbers, as far as there is room."""
        lines = 1 if low else lines_needed(width)
        self._rows, self._notation, self._fitted = lines, notation, width
        self.styles.height = 1 + notation + lines
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """On the slider: so much weight."""
        x = 0
        lines = self.lines_for(self.size.width)
        for text, role in lines[event.y] if event.y < len(lines) else ():
            if role == "slider" and x < event.x < x + SLIDER - 1:
                event.stop()
                self.post_message(self.WeightPut(self._view.number - 1, (event.x - x - 0.5) / (SLIDER - 2)))
            x += cell_len(text)

    def lines_for(self, width: int) -> list[list[Piece]]:
        lines = [title_line(self._view, width)]
        counts = self._notation or not self._view.partly  # else the share has to do
        making = lacking.pieces(self._view.system.lacking, self._view.keys, counts=counts)
        prepared = flow(making, self._fitted - 1, DOT)
        if self._notation and prepared[0]:  # matters more than the notation, as long as it lasts
            lines.append([(" ", "plain"), *prepared.pop(0)])
        elif self._notation:
            lines.append(notation_line(self._view, width))
        measures = flow(measure_pieces(self._view), self._fitted - 1, ("  ", "muted"))
        numbers = number_pieces(self._view)
        place = int(self._view.partly)  # behind the share of what was searched
        numbers[place:place] = filter(None, prepared)
        if self._rows == 3 and len(measures) == 2:  # the numbers begin beside what is left of the measures
            rest = [measures.pop(), *numbers]
        else:
            rest = numbers
        measures += flow(rest, self._fitted - 1, DOT)
        lines += [[(" ", "plain"), *line] for line in fold(measures, self._rows, self._fitted - 1)]
        return lines
