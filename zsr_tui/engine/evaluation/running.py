"""The evaluations that this engine runs at the moment: pausing, stopping, and watching one that runs on its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec

from zsr_tui import caller
from zsr_tui.api.evaluations import DeleteEvaluation, PauseEvaluation, ReadRequest, StopEvaluation
from zsr_tui.api.event import Event
from zsr_tui.api.events import ENDS, Failed, JobProgress
from zsr_tui.domain import Problem
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation.resuming import resuming
from zsr_tui.engine.problems import problem_view
from zsr_tui.engine.stream import Emit
from zsr_tui.evaluation import store
from zsr_tui.progress import Cancelled, CancelToken, Progress

_POLL_SECONDS = 0.1
_running: dict[tuple[str, str], RunningEvaluation] = {}  # by the caller's name, and the evaluation's id
_lock = threading.Lock()


class RunningEvaluation:
    """A running evaluation. Every method may be called from any thread."""

    def __init__(self, cancel: CancelToken, measures: Sequence[str]) -> None:
        self.cancel, self.measures = cancel, frozenset(measures)
        self.paused = False
        self.over = False  # what it is to store is stored, and the last event is said
        self.ended = threading.Event()
        self._watchers: list[Emit] = []
        self._began: Event | None = None  # for whoever looks on later
        self.progress: Progress | None = None
        self._lock = threading.Lock()

    def emit(self, event: Event) -> None:
        """To everybody who watches."""
        with self._lock:
            self._began = self._began or event
            if isinstance(event, JobProgress):
                self.progress = event.progress
            self.over = self.over or isinstance(event, ENDS)
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher(event)

    def watch(self, watcher: Emit) -> None:
        with self._lock:
            if self._began is not None:
                watcher(self._began)
            self._watchers.append(watcher)

    def leave(self, watcher: Emit) -> None:
        with self._lock:
            self._watchers.remove(watcher)

    def wait_while_paused(self) -> None:
        """Raises `Cancelled` when it is no longer wanted."""
        self.cancel.check()
        while self.paused:
            time.sleep(_POLL_SECONDS)
            self.cancel.check()


@contextmanager
def in_foreground(
    evaluation: str, measures: Sequence[str], emit: Emit, cancel: CancelToken
) -> Iterator[RunningEvaluation]:
    """One that ends with the request that asked for it."""
    one = RunningEvaluation(cancel, measures)
    one.watch(emit)
    with _lock:
        _running.setdefault(_mine(evaluation), one)
    try:
        yield one
    finally:
        _forget(evaluation, one)


def in_background(
    evaluation: str,
    measures: Sequence[str],
    request: str,
    work: Callable[[RunningEvaluation], None],
    emit: Emit,
    cancel: CancelToken,
) -> None:
    """Starts it, or joins what runs this evaluation with these measures already, and hands its events on as those of
    `request` until it ends or `cancel` says that nobody listens any more; it goes on then. What runs it without some
    of them is waited for. Raises `Cancelled` in that case, and when it was stopped."""

    def hand_on(event: Event) -> None:
        emit(msgspec.structs.replace(event, request=request))

    while (other := _running.get(_mine(evaluation))) and not other.over and not other.measures.issuperset(measures):
        cancel.check()
        other.ended.wait(_POLL_SECONDS)
    with _lock:
        one = _running.get(_mine(evaluation))
        starting = one is None or one.over
        if one is None or one.over:
            one = _running[_mine(evaluation)] = RunningEvaluation(CancelToken(), measures)
        one.watch(hand_on)
    if starting:
        target = caller.carried(_work, evaluation, work, one)
        threading.Thread(target=target, name=f"evaluation {evaluation}", daemon=True).start()
    try:
        while not one.ended.wait(_POLL_SECONDS):
            cancel.check()
    finally:
        one.leave(hand_on)
    if one.cancel.cancelled:
        raise Cancelled


def _work(evaluation: str, work: Callable[[RunningEvaluation], None], one: RunningEvaluation) -> None:
    from zsr_tui.retrieval.java import detach_thread

    try:
        work(one)
    except Cancelled:
        pass  # what was finished is stored
    except BaseException as error:  # noqa: BLE001 - the thread's last frame: it must reach whoever watches
        one.emit(Failed(request=evaluation, problem=problem_view(error)))
    finally:
        _forget(evaluation, one)
        detach_thread()


def _forget(evaluation: str, one: RunningEvaluation) -> None:
    with _lock:
        if _running.get(_mine(evaluation)) is one:
            del _running[_mine(evaluation)]
    one.ended.set()


def _mine(evaluation: str) -> tuple[str, str]:
    return caller.current().name, evaluation


def answers() -> Answers:
    return {
        ReadRequest: lambda asked: resuming(asked.id),
        PauseEvaluation: lambda asked: pause(asked.id, asked.paused),
        StopEvaluation: lambda asked: stop(asked.id),
        DeleteEvaluation: lambda asked: delete(asked.id),
    }


def running() -> list[RunningEvaluation]:
    """Those that this engine runs at the moment for whoever asks; all of them for whoever has started it."""
    name = caller.current().name
    with _lock:
        return [one for (whose, _), one in _running.items() if name in ("", whose)]


def state(evaluation: str) -> str:
    """ "running" or "paused"; "" for one that this engine does not run."""
    with _lock:
        one = _running.get(_mine(evaluation))
    return "" if one is None or one.over else "paused" if one.paused else "running"


def pause(evaluation: str, paused: bool) -> None:
    """Takes effect after the chunk that is at work. Raises `Problem` for one that does not run."""
    _known(evaluation).paused = paused


def stop(evaluation: str) -> None:
    """What is finished stays, and the evaluation can be resumed. Raises `Problem` for one that does not run."""
    _known(evaluation).cancel.cancel()


def delete(evaluation: str) -> None:
    """Raises `Problem` for one that runs, or that is not stored."""
    if state(evaluation):
        raise Problem("the evaluation is running: stop it before it is deleted.")
    store.delete(evaluation)


def _known(evaluation: str) -> RunningEvaluation:
    with _lock:
        one = _running.get(_mine(evaluation))
    if one is None:
        raise Problem(f"the evaluation {evaluation} is not running.", usage=True)
    return one
