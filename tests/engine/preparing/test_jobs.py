"""Parts are made once, beside each other, paused, stopped, and by the next engine if need be; making is a stand-in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.waiting import wait_for
from zsr_tui import caller
from zsr_tui.caller import Bounds, Caller
from zsr_tui.domain import Problem
from zsr_tui.engine.preparing.jobs import Job, Jobs
from zsr_tui.engine.preparing.parts import Part
from zsr_tui.progress import Cancelled, CancelToken, Progress, Report

CORPUS, BM25 = Part("corpus", "demo"), Part("bm25", "demo")
MODEL, DENSE = Part("model", name="m"), Part("encoded", "demo", "m", "dense")


class Maker:
    """Makes a part at once; one that is held, when it is let go on. Says how far it is before, where that is known."""

    def __init__(self) -> None:
        self.made: list[Part] = []
        self.begun: list[Part] = []
        self.held: dict[Part, threading.Event] = {}
        self.broken: dict[Part, Exception] = {}
        self.done: int | None = 5

    def hold(self, part: Part) -> threading.Event:
        return self.held.setdefault(part, threading.Event())

    def __call__(self, part: Part, report: Report, cancel: CancelToken, on: str) -> Sequence[str]:
        self.begun.append(part)
        if (done := self.done) is not None:
            report(Progress("Making", done, 10, "documents"))
        if part in self.broken:
            raise self.broken[part]
        while (gate := self.held.get(part)) is not None and not gate.wait(0.005):
            cancel.check()
        cancel.check()  # what was told to end has made nothing, though it is let go on at the same moment
        self.made.append(part)
        return [f"{part.kind} is made"]


@pytest.fixture
def maker() -> Iterator[Maker]:
    maker = Maker()
    yield maker
    for gate in maker.held.values():
        gate.set()


@pytest.fixture
def engine(maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Jobs]:
    """Another engine with the same folder."""
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    return lambda: Jobs(maker)


def states(jobs: Jobs) -> dict[str, str]:
    return {view.id: view.state for view in jobs.views()}


def reaches(jobs: Jobs, **wanted: str) -> None:
    """Waits until the jobs have these states, by kind; the others are not there."""
    wait_for(lambda: {view.kind: view.state for view in jobs.views()} == wanted, str(wanted), jobs.changed)


def begun(jobs: Jobs, maker: Maker, engines: int) -> None:
    """Waits until so many have begun the BM25 index, and the last has heard how far it is."""
    wait_for(lambda: maker.begun.count(BM25) == engines)
    wait_for(
        lambda: [view.progress.done for view in jobs.views() if view.kind == "bm25" and view.progress] == [maker.done]
    )


def ask(jobs: Jobs, *parts: Part, cancel: CancelToken | None = None) -> tuple[threading.Thread, list[Job]]:
    """A request that waits for parts, at work."""
    asked = jobs.begin(parts, background=False, again=True, waits=True)
    ended: list[Job] = []

    def wait() -> None:
        try:
            jobs.wait(asked, lambda: None, cancel or CancelToken())
        except Cancelled:
            return
        ended.extend(asked)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread, ended


def test_who_asks_for_what_is_being_made_waits_for_the_same_work(engine: Callable[[], Jobs], maker: Maker) -> None:
    jobs, gate = engine(), maker.hold(BM25)
    asked = [ask(jobs, BM25) for _ in range(3)]
    reaches(jobs, bm25="running")
    gate.set()
    for thread, ended in asked:
        thread.join()
        assert [job.notes for job in ended] == [["bm25 is made"]]
    assert maker.made == [CORPUS, BM25]  # the documents come before their index
    assert states(jobs) == {}


@contextmanager
def named(name: str) -> Iterator[None]:
    """What is asked meanwhile is asked by somebody else than whoever has started the engine."""
    before = caller.current()
    caller.become(Caller(name, None, Bounds()))
    try:
        yield
    finally:
        caller.become(before)


def test_of_several_callers_each_knows_and_ends_only_what_they_asked_for(
    engine: Callable[[], Jobs], maker: Maker
) -> None:
    jobs, gate = engine(), maker.hold(BM25)
    maker.hold(MODEL)
    with named("anna"):
        jobs.begin([BM25, MODEL], background=True)
    with named("ben"):
        assert states(jobs) == {}
        for change in (lambda: jobs.stop(MODEL.id), lambda: jobs.pause(BM25.id, True)):
            with pytest.raises(Problem, match="is not being prepared"):
                change()
        jobs.begin([BM25], background=True)
        assert set(states(jobs)) == {BM25.id}
    with named("anna"):
        with pytest.raises(Problem, match=r"somebody else has asked for the BM25 index of demo, too: it goes on\."):
            jobs.pause(BM25.id, True)
        jobs.stop(BM25.id)  # it is left to ben
        assert BM25.id not in states(jobs)
        jobs.stop(MODEL.id)
        assert states(jobs)[MODEL.id] == "stopped"
    gate.set()
    wait_for(lambda: BM25 in maker.made)
    wait_for(lambda: BM25.id not in {view.id for view in jobs.views()}, "the end of the job", jobs.changed)
    with named("anna"):
        told = jobs.take_notes()
    with named("ben"):
        assert "bm25 is made" in jobs.take_notes()
        assert jobs.take_notes() == ()
    assert "bm25 is made" not in told


def test_what_is_stopped_at_the_moment_in_which_it_begins_stays_stopped(
    engine: Callable[[], Jobs], maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, looked = engine(), threading.Event()
    check = CancelToken.check

    def look(token: CancelToken) -> None:
        check(token)
        looked.set()

    monkeypatch.setattr(CancelToken, "check", look)
    with jobs.changed:  # the job comes up to here, whether it has looked or not
        jobs.begin([MODEL], background=True)
        looked.wait(0.2)
        jobs.stop(MODEL.id)
    for thread in [thread for thread in threading.enumerate() if thread.name == "preparing model"]:
        thread.join()
    assert (states(jobs), maker.begun) == ({MODEL.id: "stopped"}, [])


def test_a_part_that_waits_holds_up_no_other(engine: Callable[[], Jobs], maker: Maker) -> None:
    jobs = engine()
    maker.hold(MODEL)
    maker.broken[BM25] = Problem("No Java.")
    other = Part("encoded", "demo", "n", "dense")
    jobs.begin([CORPUS, MODEL, BM25, DENSE, other], background=True)
    wait_for(lambda: other in maker.made)
    reaches(jobs, model="running", bm25="failed", encoded="waiting")
    assert next(view.problem.message for view in jobs.views() if view.problem) == "No Java."
    maker.held.pop(MODEL).set()
    reaches(jobs, bm25="failed")
    assert maker.made[-2:] == [MODEL, DENSE]


def test_what_nobody_waits_for_any_more_ends_unless_it_is_wanted_in_the_background(
    engine: Callable[[], Jobs], maker: Maker
) -> None:
    jobs, gate, cancel = engine(), maker.hold(BM25), CancelToken()
    thread, _ = ask(jobs, BM25, cancel=cancel)
    reaches(jobs, bm25="running")
    cancel.cancel()
    thread.join()
    assert states(jobs) == {}

    cancel = CancelToken()
    thread, _ = ask(jobs, BM25, cancel=cancel)
    jobs.begin([BM25], background=True)
    cancel.cancel()
    thread.join()
    reaches(jobs, bm25="running")
    gate.set()
    reaches(jobs)
    assert maker.made[-1] == BM25


def test_who_begins_to_wait_for_it_when_the_last_other_leaves_has_it_made(
    engine: Callable[[], Jobs], maker: Maker
) -> None:
    jobs, gate, cancel = engine(), maker.hold(BM25), CancelToken()
    thread, _ = ask(jobs, BM25, cancel=cancel)
    reaches(jobs, bm25="running")
    (mine,) = jobs.begin([BM25], background=False, waits=True)
    cancel.cancel()
    thread.join()
    gate.set()
    jobs.wait([mine], lambda: None, CancelToken())
    assert mine.over
    assert maker.made[-1] == BM25


def test_paused_stopped_and_failed_parts_rest_until_they_are_asked_for_also_after_a_restart(
    engine: Callable[[], Jobs], maker: Maker
) -> None:
    jobs, gate = engine(), maker.hold(DENSE)
    maker.hold(BM25)
    maker.broken[MODEL] = Problem("No network.")
    jobs.begin([BM25, DENSE], background=True)
    reaches(jobs, bm25="running", model="failed", encoded="failed")  # an encoding lacks its model
    del maker.broken[MODEL]
    jobs.pause(DENSE.id, False)  # tried again, with what it needs
    reaches(jobs, bm25="running", encoded="running")
    wait_for(lambda: [view.progress and view.progress.done for view in jobs.views()] == [5, 5])
    jobs.pause(BM25.id, True)
    jobs.stop(DENSE.id)
    assert states(jobs) == {BM25.id: "paused", DENSE.id: "stopped"}
    jobs.begin([BM25, DENSE], background=True)  # a screen that is opened again
    assert states(jobs) == {BM25.id: "paused", DENSE.id: "stopped"}
    assert [view.progress and view.progress.done for view in jobs.views()] == [5, 5]

    after = engine()
    after.take_up()
    assert states(after) == {BM25.id: "paused", DENSE.id: "stopped"}
    before = {view.id: view.progress and (view.progress.done, view.progress.total) for view in jobs.views()}
    assert {view.id: view.progress and (view.progress.done, view.progress.total) for view in after.views()} == before
    for held in maker.held.values():
        held.set()
    after.pause(BM25.id, False)
    after.stop(DENSE.id)  # who stops what is stopped forgets it
    reaches(after)
    assert maker.made[-1] == BM25
    last = engine()
    last.take_up()
    assert states(last) == {}
    gate.set()


def test_the_next_engine_goes_on_with_what_was_at_work_and_not_with_what_was_waited_for(
    engine: Callable[[], Jobs], maker: Maker
) -> None:
    jobs, gate = engine(), maker.hold(BM25)
    jobs.begin([BM25], background=True)
    ask(jobs, DENSE)
    begun(jobs, maker, 1)
    after, maker.done = engine(), None
    assert states(after) == {}  # nobody has asked it
    after.take_up()
    reaches(after, bm25="running")
    assert [view.progress for view in after.views()] == [None]  # how far it is now, it has not said yet
    gate.set()
    reaches(after)
    reaches(jobs)


def test_a_part_over_which_engines_end_again_and_again_is_not_begun_by_itself(
    engine: Callable[[], Jobs], maker: Maker
) -> None:
    maker.hold(BM25)
    jobs = engine()
    jobs.begin([BM25], background=True)
    for engines, done in enumerate((7, 7, 7), start=1):  # it comes further once
        begun(jobs, maker, engines)
        jobs, maker.done = engine(), done
        jobs.take_up()
    begun(jobs, maker, 4)
    last = engine()
    last.take_up()
    [view] = last.views()
    assert view.state == "failed"
    assert "The engine ended 3 times while it worked on the BM25 index of demo" in (
        view.problem.message if view.problem else ""
    )
    last.pause(BM25.id, False)
    reaches(last, bm25="running")


def test_what_cannot_be_read_of_an_earlier_engine_is_left_behind(engine: Callable[[], Jobs], tmp_path: Path) -> None:
    folder = tmp_path / "data" / "preparing"
    folder.mkdir(parents=True)
    (folder / "half.json").write_bytes(b'{"kind": "bm')
    jobs = engine()
    jobs.take_up()
    assert states(jobs) == {}
    assert list(folder.iterdir()) == []
    with pytest.raises(Problem, match="'bm25 demo' is not being prepared"):
        jobs.pause(BM25.id, True)
