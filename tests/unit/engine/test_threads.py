"""Threads by what they do, of which nobody can take all."""

from __future__ import annotations

import threading
from contextvars import copy_context

import pytest

from zsr_tui import caller
from zsr_tui.caller import Caller
from zsr_tui.engine.bodies import Busy
from zsr_tui.engine.threads import Threads


def test_one_of_several_callers_takes_a_part_of_them_and_whoever_started_the_engine_all() -> None:
    threads, gate = Threads("searches", 8), threading.Event()

    def submit(name: str) -> None:
        caller.become(Caller(name))
        threads.submit(gate.wait)

    def asked(name: str) -> None:
        copy_context().run(submit, name)

    for name in ("anna", "ben"):
        asked(name)
        asked(name)
        with pytest.raises(Busy, match=r"at work on 2 searches of yours already: ask again") as mine:
            asked(name)
        assert (mine.value.status, mine.value.AGAIN_S) == (429, 1)
    for _ in range(4):
        asked("")
    with pytest.raises(Busy, match=r"at work on 8 searches already") as all_of_them:
        asked("eva")
    assert all_of_them.value.status == 503
    gate.set()
    threads._pool.shutdown()
    assert not threads._taken


def test_what_runs_in_one_is_done_for_who_asked() -> None:
    threads = Threads("searches", 4)

    def inner() -> str:
        return threads.submit_or_run(lambda: caller.current().name).result()

    def asked() -> str:
        caller.become(Caller("anna"))
        return threads.submit(inner).result()

    assert copy_context().run(asked) == "anna"
    assert threads.submit(inner).result() == ""
