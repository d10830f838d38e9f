"""What a list says of what it lacks: how far that is, and what the keys do about it."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui import numerals
from zsr_tui.api.preparing import PartKind, PartView
from zsr_tui.text import one_line, printable
from zsr_tui.ui.parts.pieces import Piece

AT_WORK = ("running", "waiting")
RESTING = ("paused", "stopped", "failed")
DOING: dict[PartKind, str] = {
    "corpus": "downloading",
    "model": "downloading the model",
    "prebuilt": "downloading the index",
    "bm25": "indexing",
    "encoded": "encoding",
    "approximate": "indexing the vectors",
}
_FIRST = ("lacking", "failed", "stopped", "paused", "running", "waiting")  # what the user can do something about


def leading(parts: Sequence[PartView]) -> PartView | None:
    """The one that a list speaks of."""
    return min(parts, key=lambda part: _FIRST.index(part.state), default=None)


def share(done: int, total: int) -> str:
    """ "41 %"; never 0, and never all of it before the end."""
    return f"{min(99, 100 * done // total)} %" if 100 * done >= total else "<1 %"


def pieces(parts: Sequence[PartView], keys: tuple[str, str], *, counts: bool = True) -> list[list[Piece]]:
    """Groups for a head; `keys` pause and stop it. Without `counts` it does not say of how many documents."""
    part, (pause, stop) = leading(parts), keys
    if part is None:
        return []
    match part.state:
        case "lacking":
            return [[("not here", "warning")], key(pause, "begins")]
        case "failed":
            return [[("failed", "error")], key(pause, "tries again")]
        case "stopped":
            return [[(f"stopped{_at(part)}", "warning")], key(pause, "goes on")]
        case "paused":
            return [[(f"paused{_at(part)}", "warning")], [*key(pause, "goes on, "), *key(stop, "stops")]]
        case "running":
            return [*_progress(part, counts=counts), [*key(pause, "pauses, "), *key(stop, "stops")]]
    return [[("waiting to be prepared", "muted")]]


def brief(parts: Sequence[PartView]) -> Piece:
    """For a tab."""
    part = leading(parts)
    if part is None:
        return "", "muted"
    if part.state == "lacking":
        return " ?", "warning"
    now = part.progress
    if part.state in RESTING:
        return f" {part.state}", "error" if part.state == "failed" else "warning"
    return (f" {share(now.done, now.total)}" if now is not None and now.total else " …"), "bar"


def sentence(parts: Sequence[PartView], pause: str) -> str:
    """What the user has to know or agree to; "" where nothing."""
    part = leading(parts)
    if part is None or part.state not in ("lacking", "failed"):
        return ""
    if part.problem is not None:
        return f"{printable(part.problem.message)} {pause} tries again."
    asks = " and ".join(one_line(each.asks) for each in parts if each.asks)
    return f"Press {pause} to {asks}." if asks else "Something it needs waits for another list's answer."


def words(part: PartView) -> str:
    """Of one part, in the engine's window: "encoding 1,234 of 5,183 · 60/s · 1:06 left"."""
    if part.state == "running":
        return " · ".join(text for group in _progress(part) for text, _ in group)
    if part.state in RESTING:
        return f"{part.state}{_at(part)}"
    return "waiting"


def key(key: str, does: str) -> list[Piece]:
    return [(key, "strong"), (f" {does}", "muted")]


def _at(part: PartView) -> str:
    now = part.progress
    return f" at {share(now.done, now.total)}" if now is not None and now.total else ""


def _progress(part: PartView, *, counts: bool = True) -> list[list[Piece]]:
    now, doing = part.progress, DOING[part.kind]
    if now is None:
        return [[("reading the corpus" if part.kind == "corpus" else doing, "text")]]
    if not now.unit or now.total is None:
        return [[(one_line(now.task), "text")]]
    if now.unit == "bytes":
        groups: list[list[Piece]] = [[(f"{doing} {share(now.done, now.total)}", "text")]]
    else:
        groups = [[(f"{doing} {now.done:,} of {now.total:,}" if counts else doing, "text")]]
    if now.rate and now.done != now.total:
        rate = numerals.rate(now.rate, now.unit) if now.unit == "bytes" else f"{now.rate:,.0f}/s"
        groups.append([(rate, "text")])
    if now.seconds_left and now.done != now.total:
        groups.append([(f"{numerals.duration(now.seconds_left)} left", "text")])
    return groups


def kept(parts: Sequence[PartView]) -> list[str]:
    """What becomes of them when the program ends."""
    return [
        f"{DOING[part.kind].capitalize()}{_at(part)}: {one_line(part.about)}. "
        "What is done is kept; it goes on at the next start."
        for part in parts
    ]
