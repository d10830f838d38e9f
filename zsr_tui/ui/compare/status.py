"""The words of the status line and of the query line's label."""

from __future__ import annotations

from zsr_tui.api.requests import Status
from zsr_tui.numerals import counted, size
from zsr_tui.text import printable
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.parts.pieces import Piece, joined


def dataset_pieces(session: SearchSession, docs: int | None, queries: int | None) -> list[Piece]:
    """`beir/scifact/test   5,183 docs · 300 queries`"""
    groups: list[Piece] = []
    if docs is not None:
        groups.append((counted(docs, "doc"), "muted"))
    if queries is not None:
        groups.append((counted(queries, "query", "queries"), "muted"))
    if not session.drop_self:
        groups.append(("self-hits kept", "warning"))
    return [(f" {printable(session.dataset)}   ", "strong"), *joined(groups)]


def engine_pieces(status: Status | None, *, asked: bool, searching: bool) -> list[Piece]:
    """`cpu fp32 · 2 models · 1.1 GB · idle`, or the work in the background. `asked`: the engine was asked for its
    status before."""
    busy: Piece = ("searching", "strong") if searching else ("idle", "muted")
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
    others = [job for job in status.jobs if not job.startswith("search ")]
    if others and not searching:  # the devices' facts would leave no room for it
        return [(printable(others[0]), "strong"), (" ", "plain")]
    return [*joined([*groups, busy]), (" ", "plain")]


def query_pieces(session: SearchSession, queries: int | None) -> list[Piece]:
    """`13/300 · qid 42 · 2 relevant`; nothing before the first query."""
    if not session.started:
        return []
    if session.judged_as is not None:
        return joined(
            [
                (f"qid {printable(session.judged_as)}, changed", "text"),
                (f"{session.relevant} relevant" if session.judged else "not judged", "text"),
            ]
        )
    if session.qid is None:
        return [("free query: no judgments", "muted")]
    groups: list[Piece] = []
    if session.position is not None:
        total = f"/{queries}" if queries is not None else ""
        groups.append((f"{session.position + 1}{total}", "text"))
    groups.append((f"qid {printable(session.qid)}", "text"))
    groups.append((f"{session.relevant} relevant" if session.judged else "not judged", "text"))
    return joined(groups)
