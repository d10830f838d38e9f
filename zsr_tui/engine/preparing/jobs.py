"""What is being made: one job for each part, shared by all who ask for it. What is there has no job."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from msgspec.structs import replace

from zsr_tui import caller
from zsr_tui.api.preparing import PartKind, PartState, PartView
from zsr_tui.api.requests import ProblemView
from zsr_tui.caller import Caller
from zsr_tui.domain import Problem
from zsr_tui.engine.preparing import remembered
from zsr_tui.engine.preparing.making import Make
from zsr_tui.engine.preparing.parts import Part
from zsr_tui.engine.problems import problem_view
from zsr_tui.progress import Cancelled, CancelToken, Progress

# Of each kind so many at once, and each kind by itself: nothing waits for what needs another resource. Encodings share
# their device as the scoring queue has it.
MOST: dict[PartKind, int] = {"corpus": 4, "model": 4, "prebuilt": 2, "bm25": 2, "encoded": 8, "approximate": 1}
_AT_WORK: tuple[PartState, ...] = ("waiting", "running")
_TRIES = 3  # engines that may end over a part before the next one asks first
_POLL_SECONDS = 0.1
_ENDED = (
    "The engine ended {tries} times while it worked on {about}, and came no further: its log may say why. It can be "
    "tried again."
)


@dataclass(slots=True)
class Job:
    """`over` once the part is there. `background`: it goes on when nobody who asked for it waits any more. `askers` are
    the names of those who have asked for it, the first one first."""

    part: Part
    askers: dict[str, None]
    state: PartState = "waiting"
    progress: Progress | None = None
    problem: ProblemView | None = None
    notes: Sequence[str] = ()
    over: bool = False
    background: bool = False
    on: str = ""  # the Ray cluster that makes it; "": here
    waiting: int = 0  # requests that end when it does
    tries: int = 0
    done: int = 0
    cancel: CancelToken = field(default_factory=CancelToken)

    def view(self) -> PartView:
        part = self.part
        return PartView(
            id=part.id,
            kind=part.kind,
            dataset=part.dataset,
            about=part.about,
            name=part.name,
            state=self.state,
            progress=self.progress if self.state in ("running", "paused", "stopped") else None,
            problem=self.problem,
        )


class Jobs:
    """Every method may be called from any thread. `changed` is notified of whatever happens to a job, and is the lock
    of them all."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._jobs: dict[str, Job] = {}
        self._free = {kind: threading.BoundedSemaphore(most) for kind, most in MOST.items()}
        self._taken_up = False
        self._notes: dict[str, list[str]] = {}  # by the name of whom they are for
        self.changed = threading.Condition(threading.RLock())

    def begin(
        self, parts: Iterable[Part], *, background: bool, again: bool = False, on: str = "", waits: bool = False
    ) -> list[Job]:
        """A job for each, the one that there is where there is one; one that begins is made `on` a cluster. One that
        was paused, stopped or has failed stays as it is, unless it is asked for `again`. Who `waits` calls `wait` with
        them, whatever happens."""
        with self.changed:
            jobs = [self._begin(part, background=background, again=again, on=on) for part in parts]
            for job in jobs:
                job.waiting += waits
            return jobs

    def _begin(self, part: Part, *, background: bool, again: bool, on: str = "") -> Job:
        job = self._jobs.get(part.id)
        if job is None:
            job = self._jobs[part.id] = Job(part, {}, on=on)
            job.askers[caller.current().name] = None
            self._start(job)
        elif again and job.state not in _AT_WORK:
            job.tries, job.on = 0, on
            self._start(job)
        job.askers[caller.current().name] = None
        if background and not job.background:
            job.background = True
            self._remember(job)
        return job

    def wait(self, jobs: Sequence[Job], look: Callable[[], None], cancel: CancelToken) -> None:
        """Until each of them is over, or rests, for one who has begun to wait. `look` is called meanwhile. Leaves them,
        whatever happens: one that nobody else wants ends then. Raises `Cancelled`."""
        try:
            while any(not job.over and job.state in (*_AT_WORK, "paused") for job in jobs):
                cancel.check()
                look()
                with self.changed:
                    self.changed.wait(_POLL_SECONDS)
            look()
        finally:
            with self.changed:
                for job in jobs:
                    job.waiting -= 1
                    if not job.waiting and not job.background and not job.over:
                        job.cancel.cancel()
                        self._drop(job)

    def pause(self, id: str, paused: bool) -> None:
        """Or go on, also with one that was stopped or has failed. Raises `Problem` for one that is not there."""
        with self.changed:
            job = self._known(id)
            if paused and _others(job):
                raise Problem(f"somebody else has asked for {job.part.about}, too: it goes on.")
            if paused and job.state in _AT_WORK:
                self._rest(job, "paused")
            elif not paused and job.state not in _AT_WORK:
                job.tries = 0
                for needed in (*job.part.needs(), job.part):
                    if needed.id in self._jobs:
                        self._begin(needed, background=True, again=True)

    def stop(self, id: str) -> None:
        """One that rests for good is forgotten, and one that somebody else wants, too, is left to them. Raises
        `Problem` for one that is not there."""
        with self.changed:
            job = self._known(id)
            if _others(job):
                del job.askers[caller.current().name]
            elif job.state in ("stopped", "failed"):
                self._drop(job)
            else:
                self._rest(job, "stopped")

    def forget_resting(self, parts: Iterable[Part]) -> None:
        """They are there all the same: somebody else has made them."""
        with self.changed:
            for part in parts:
                job = self._jobs.get(part.id)
                if job is not None and job.state not in _AT_WORK:
                    self._drop(job)

    def take_up(self) -> None:
        """Go on with what the engine before has left; once."""
        with self.changed:
            if self._taken_up:
                return
            self._taken_up = True
            for left in remembered.read():
                if left.part.id in self._jobs:
                    continue
                job = Job(left.part, {"": None}, background=True, tries=left.tries, done=left.done)
                job.problem = left.problem
                if left.total:  # how far it was
                    unit = "bytes" if left.kind in ("corpus", "model", "prebuilt") else "documents"
                    job.progress = Progress(left.part.about, left.done, left.total, unit)
                self._jobs[left.part.id] = job
                if left.state == "wanted" and left.tries >= _TRIES:
                    sentence = _ENDED.format(tries=left.tries, about=left.part.about)
                    job.state, job.problem = "failed", ProblemView(message=sentence)
                    self._remember(job)
                elif left.state == "wanted":
                    job.progress = None  # it says so itself, and may be further than was noted last
                    self._start(job)
                else:
                    job.state = left.state

    def take_notes(self) -> tuple[str, ...]:
        """What whoever asks should know of what was made for them in the background, once."""
        with self.changed:
            return tuple(dict.fromkeys(self._notes.pop(caller.current().name, [])))

    def views(self, *, of_all: bool = False) -> tuple[PartView, ...]:
        """Of what was asked for by whoever asks now; of everything for whose engine it is."""
        with self.changed:
            return tuple(job.view() for job in self._jobs.values() if of_all or _is_mine(job))

    def _start(self, job: Job) -> None:
        job.state, job.problem, job.cancel = "waiting", None, CancelToken()
        work = partial(self._work, job, job.cancel)
        threading.Thread(target=work, name=f"preparing {job.part.kind}", daemon=True).start()
        self.changed.notify_all()

    def _rest(self, job: Job, state: PartState) -> None:
        job.cancel.cancel()
        job.state, job.tries = state, 0
        self._remember(job)
        self.changed.notify_all()

    def _drop(self, job: Job) -> None:
        if self._jobs.get(job.part.id) is job:
            del self._jobs[job.part.id]
        remembered.forget(job.part)
        self.changed.notify_all()

    def _known(self, id: str) -> Job:
        if id not in self._jobs or not _is_mine(self._jobs[id]):
            raise Problem(f"{id!r} is not being prepared: it is there, or was never asked for.", usage=True)
        return self._jobs[id]

    def _remember(self, job: Job) -> None:
        if job.background:
            left: remembered.Left = job.state if job.state in ("paused", "stopped", "failed") else "wanted"
            kept = remembered.of(job.part, left, job.problem, job.tries, job.done)
            remembered.keep(replace(kept, total=job.progress.total if job.progress and job.progress.unit else None))

    # in a job's own thread; `cancel` is the one that it was started with

    def _work(self, job: Job, cancel: CancelToken) -> None:
        from zsr_tui.retrieval.java import detach_thread

        with self.changed:
            asker = next(iter(job.askers))  # whose share of a device it takes
        caller.become(Caller(asker))
        try:
            state: PartState | None = self._made(job, cancel)
            problem = None
        except Cancelled:
            return  # whoever cancelled it has said what it is now
        except BaseException as error:  # noqa: BLE001 - the thread's last frame: it must reach whoever looks
            state, problem = "failed", problem_view(error)
        finally:
            detach_thread()
        with self.changed:
            if job.cancel is not cancel or cancel.cancelled:
                return
            job.over, job.problem = state is None, problem
            if state is None:
                for name in job.askers if job.background else ():
                    self._notes.setdefault(name, []).extend(job.notes)
                self._drop(job)
            else:
                self._rest(job, state)

    def _made(self, job: Job, cancel: CancelToken) -> PartState | None:
        """None once the part is there; else the state of what it waits for in vain. Raises what made it impossible."""
        for part in job.part.needs():
            with self.changed:  # whether it is wanted in the background is known behind the one who began it
                [needed] = self.begin([part], background=job.background, waits=True)
            self.wait([needed], lambda: None, cancel)
            if needed.problem is not None:
                raise needed.problem.problem
            if not needed.over:
                return "stopped"
        free = self._free[job.part.kind]
        while not free.acquire(timeout=_POLL_SECONDS):
            cancel.check()
        try:
            with self.changed:
                cancel.check()  # under the lock: whoever stops it at this moment has the last word
                job.state, job.tries = "running", job.tries + 1
                self._remember(job)
                self.changed.notify_all()
            job.notes = self._make(job.part, partial(self._report, job, cancel), cancel, job.on)
        finally:
            free.release()
        return None

    def _report(self, job: Job, cancel: CancelToken, progress: Progress) -> None:
        with self.changed:
            if job.cancel is not cancel or cancel.cancelled:
                return  # what rests stays as it was when it was told to
            job.progress = progress
            if progress.unit and progress.done > job.done:
                known, job.done = job.done, progress.done
                if job.tries > 1 or not known:
                    job.tries = 1
                    self._remember(job)


def _is_mine(job: Job) -> bool:
    """Whether whoever asks may know of it."""
    asks = caller.current()
    return asks.bounds is None or asks.name in job.askers


def _others(job: Job) -> bool:
    """Whether somebody else wants it, and it is not for whoever asks to end it."""
    asks = caller.current()
    return asks.bounds is not None and bool(job.askers.keys() - {asks.name})
