"""A session log becomes what Compare shows first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zsr_tui import paths
from zsr_tui.commands.reopen import reopened
from zsr_tui.domain import Problem
from zsr_tui.sessions.log import SessionLog
from zsr_tui.sessions.records import AnyEntry, Asked, Placed
from zsr_tui.ui.parts.messages import Comparison

AT = "2026-11-27T00:15:00Z"
SERVED = "bm25 % 10 >> http://gpu:8080/rerank#m"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    return tmp_path


def asked(*systems: str, **more: Any) -> Asked:
    return Asked(at=AT, number=1, dataset="demo", systems=systems, **more)


def placed(*systems: str, **more: Any) -> Placed:
    return Placed(at=AT, dataset="demo", systems=systems, **more)


def logged(*entries: AnyEntry) -> Path:
    log = SessionLog(paths.sessions_dir(), keep=9, most=1 << 24)
    for entry in entries:
        log.put(lambda entry=entry: entry)
    log.close()
    assert log.file is not None
    return log.file


def test_a_session_is_opened_where_it_was_left() -> None:
    left = placed(
        "bm25",
        "linear(bm25, splade)",
        weighed=("bm25", "linear(bm25, splade; weights=[2, 1])"),
        query="sugar",
        qid="q1",
        doc_id="d7",
        active=1,
        reference=1,
        depth=30,
        live=True,
        screen="explain",
    )
    file = logged(asked("bm25", query="other"), left, asked("bm25", query="sugar", qid="q1"))
    with file.open("ab") as log:
        log.write(b'{"kind": "pla')
    opening = reopened("last")
    assert opening.first == Comparison(
        dataset="demo", systems=left.weighed, query="sugar", qid="q1", doc_id="d7", active=1, reference=1,
        depth=30, live=True,
    )  # fmt: skip
    assert opening.told == (f"The last line of {file.name} is not whole and was left out.",)
    assert opening.place == "explain"
    assert reopened(file.name) == reopened(str(file)) == opening


def test_one_that_was_killed_early_is_opened_on_what_was_asked_last() -> None:
    logged(
        asked("bm25", query="one"), asked("bm25", query="two", drop_self=False), asked("bm25", query="x", again=True)
    )
    assert reopened("last").first == Comparison(dataset="demo", systems=("bm25",), query="two", drop_self=False)


def test_what_a_server_would_score_is_asked_by_the_user_alone() -> None:
    logged(asked("bm25"), placed("bm25", SERVED, query="sugar", qid="q1", active=9))
    opening = reopened("last")
    first = opening.first
    assert first is not None
    assert (first.query, first.qid, first.draft, first.typing, first.active) == ("", None, "sugar", True, 1)
    assert opening.told == ("gpu:8080 would score for this session: Enter asks.",)


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        pytest.param([asked("bm25"), placed(*["bm25"] * 6)], "has 6 systems", id="too many systems"),
        pytest.param([asked("bm25"), placed()], "has 0 systems", id="no system"),
        pytest.param([asked("bm25", again=True)], "nothing was asked", id="nothing asked"),
    ],
)
def test_what_cannot_be_shown_is_refused(entries: list[AnyEntry], sentence: str) -> None:
    file = logged(*entries)
    with pytest.raises(Problem, match=sentence):
        reopened(str(file))


def test_without_a_log_there_is_no_last_session() -> None:
    with pytest.raises(Problem, match="there is no session log"):
        reopened("last")
