"""The words of the status line and of the query line's label."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.api.preparing import PartView
from zsr_tui.api.requests import Status
from zsr_tui.domain import RELEVANT, counted_in, relevant_from
from zsr_tui.numerals import counted, size
from zsr_tui.text import one_line, printable, shorten_middle
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.parts import lacking
from zsr_tui.ui.parts.judging.marks import of_query
from zsr_tui.ui.parts.pieces import Piece, joined, width_of

FREE = "free query: no judgments"
TYPED = "not asked yet"


def dataset_pieces(session: SearchSession, docs: int | None, queries: int | None) -> list[Piece]:
    """`beir/scifact/test   5,183 docs · 300 queries`"""
    groups: list[Piece] = []
    if docs is not None:
        groups.append((counted(docs, "doc" if counted_in(session.dataset) == "document" else "chunk"), "muted"))
    if queries is not None:
        groups.append((counted(queries, "query", "queries"), "muted"))
    if not session.drop_self:
        groups.append(("self-hits kept", "warning"))
    if (least := relevant_from()) != RELEVANT:
        groups.append((f"relevant from {least}", "warning"))
    return [(f" {printable(session.dataset)}   ", "strong"), *joined(groups)]


def engine_pieces(
    status: Status | None,
    prepared: Sequence[PartView],
    own: int = 0,
    *,
    asked: bool,
    not_known: bool = False,
    searching: bool,
    dataset: str,
) -> list[Piece]:
    """`cpu fp32 · 2 models · 1.1 GB · idle`, or the work in the background, what is `prepared` first. `asked`: the
    engine was asked for its status before; `not_known`: it does not know the token; `own` parts are made for the lists,
    whose heads say more of them. What is made of another corpus than `dataset` says that it is, and comes last."""
    busy: Piece = ("searching", "strong") if searching else ("idle", "muted")
    if own and not searching:
        busy = (f"preparing {counted(own, 'part')}", "strong")
    if status is None and not_known:
        return [("the engine knows your token no more ", "warning")]
    if status is None:
        return [("the engine does not answer ", "warning") if asked else ("engine starting ", "muted")]
    groups: list[Piece] = [
        (printable(f"{device.name} {device.precision}".strip()), "muted") for device in status.devices
    ]
    models = sum(len(device.models) for device in status.devices)
    groups.append((counted(models, "model"), "muted"))
    if status.engine_memory_bytes is not None:
        groups.append((size(status.engine_memory_bytes), "muted"))
    waiting = sum(device.waiting for device in status.devices)
    if waiting:
        groups.append((f"{waiting} waiting", "muted"))
    running = sorted((part for part in prepared if part.state == "running"), key=lambda part: _elsewhere(part, dataset))
    others = [
        f"{'for another corpus: ' if _elsewhere(part, dataset) else ''}{part.about}: {lacking.words(part)}"
        for part in running
    ]
    others += [job for job in status.jobs if not job.startswith("search ")]
    if others and not searching:  # the devices' facts would leave no room for it
        return [(printable(others[0]), "strong"), (" ", "plain")]
    return [*joined([*groups, busy]), (" ", "plain")]


def _elsewhere(part: PartView, dataset: str) -> bool:
    return part.dataset not in ("", dataset)


def query_pieces(session: SearchSession, queries: int | None, typed: str | None, room: int) -> list[Piece]:
    """`Query [13/300 · qid 42 · 2 relevant]`, or as much of it as there is room for, in cells. `typed`: what stands in
    the line is that, and not what was asked."""
    if not session.started:
        return [("Query", "strong")]
    if typed is not None and typed.strip() != one_line(session.query).strip():
        return _first_fit([_framed(TYPED), [(TYPED, "muted")], [("typed", "muted")]], room)
    if session.turns and (latest := session.latest) is not None:
        far = "asked …" if session.running else "not answered"
        asked = f"qid {one_line(latest.qid)} · {far}" if latest.qid is not None else far
        return _first_fit([_framed(asked), [(asked, "muted")], [(far, "muted")]], room)
    judged_as = session.qid if session.judged_as is None else session.judged_as
    own = of_query(session.kept)
    if judged_as is None:
        free = [_framed(f"free query · {own}"), [(own, "text")]] if own else []
        return _first_fit([*free, _framed(FREE), [(FREE, "muted")], [("no judgments", "muted")]], room)
    changed = "changed" if session.judged_as is not None else ""
    at = f"{session.position + 1}" if session.position is not None and not changed else ""
    of = f"{at}/{queries}" if at and queries is not None else at
    qid = one_line(judged_as)
    full, short = ("relevant", "rel.") if session.judged else ("not judged", "not judged")
    count = f"{session.relevant} " if session.judged else ""
    left = room - len(at) - len(changed) - len(count + short) - 8
    forms = [
        (of, _listed(f"qid {qid}", changed), count + full),
        (of, _listed(f"qid {qid}", changed), count + short),
        (of, _listed(qid, changed), count + short),
        (at, _listed(qid, changed), count + short),
        (at, _listed(shorten_middle(qid, max(4, left)), changed), count + short),
        (at, changed, count + short),
    ]
    texts = [" · ".join(filter(None, form)) for form in [*((*form, own) for form in forms if own), *forms]]
    return _first_fit([_framed(texts[0]), *([(text, "text")] for text in texts)], room)


def _listed(*words: str) -> str:
    return ", ".join(filter(None, words))


def _framed(text: str) -> list[Piece]:
    return [("Query ", "strong"), ("[", "muted"), (text, "text"), ("]", "muted")]


def _first_fit(forms: list[list[Piece]], room: int) -> list[Piece]:
    """The last one where none fits."""
    return next((form for form in forms if width_of(form) <= room), forms[-1])
