"""The evaluation that this program has asked for: how far it is, pausing it, stopping it.

It runs in the engine by itself; what is followed here is its progress, from whatever screen is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from enum import Enum

from textual.message import Message

from zsr_tui.api.evaluations import PauseEvaluation, StopEvaluation
from zsr_tui.api.events import EngineLost, EvaluateFinished, EvaluationStarted, Failed, JobProgress, SystemFailed
from zsr_tui.api.requests import EvaluateRequest, PrepareRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.progress import Progress
from zsr_tui.text import one_line
from zsr_tui.ui.parts import problems as failures


class Phase(Enum):
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"


ACTIVE = (Phase.STARTING, Phase.RUNNING, Phase.PAUSED)


@dataclass(frozen=True, slots=True)
class RunningEvaluation:
    """`id` is the evaluation's, "" until the engine has said it; `sentence` says what happened to it, if anything."""

    request: EvaluateRequest
    phase: Phase = Phase.STARTING
    id: str = ""
    progress: Progress | None = None
    sentence: str = ""
    systems: tuple[str, ...] = ()  # labels
    failed: tuple[str, ...] = ()  # a sentence for each system that could not finish

    @property
    def active(self) -> bool:
        return self.phase in ACTIVE

    def about(self) -> str:
        """ "12 of 50 queries · 3.2 queries/s · 0:12 left", with what is known."""
        now = self.progress
        if now is None:
            return "starting"
        if not now.unit:
            return one_line(now.task)
        going = self.phase is Phase.RUNNING and now.done != now.total
        return " · ".join(now.numbers() if going else now.numbers()[:1])


@dataclass
class EvaluationAsked(Message):
    """The user wants it evaluated: the application prepares what is missing, then follows it."""

    request: EvaluateRequest


@dataclass
class EvaluationChanged(Message, bubble=False):
    """The job that is followed, as it stands. Sent to the application, which hands it on to its screens."""

    job: RunningEvaluation

    def can_replace(self, message: Message) -> bool:
        return (
            isinstance(message, EvaluationChanged)
            and message.job.request.id == self.job.request.id
            and message.job.phase is self.job.phase
        )


class EvaluationWatch:
    """Follows one evaluation at a time. `post` puts a message into the application's queue."""

    def __init__(self, engine: EngineApi, post: Callable[[Message], object]) -> None:
        self._engine, self._post = engine, post
        self.job: RunningEvaluation | None = None
        self._stop_wanted = False

    @property
    def busy(self) -> bool:
        return self.job is not None and self.job.active

    def begin(self, request: EvaluateRequest) -> None:
        """To be called before `follow`, as soon as the user has asked."""
        self._stop_wanted = False
        self.job = None
        self._set(RunningEvaluation(request))

    def give_up(self, sentence: str) -> None:
        """It was not started."""
        self._change(phase=Phase.FAILED, sentence=sentence)

    async def follow(self, request: EvaluateRequest) -> None:
        """Until its end, from what is still to be prepared on. Being cancelled leaves the evaluation running."""
        try:
            if not await self._prepared(request):
                return
            async with aclosing(self._engine.stream(request)) as events:
                async for event in events:
                    match event:
                        case EvaluationStarted():
                            labels = tuple(head.label for head in event.systems)
                            self._change(phase=Phase.RUNNING, id=event.evaluation, systems=labels, failed=())
                            if self._stop_wanted:
                                await self.stop()
                        case JobProgress():
                            self._change(progress=event.progress)
                        case SystemFailed():
                            self._failed(event)
                        case EngineLost(restarted=True):
                            said = "The engine stopped; a new one goes on with the evaluation where it was."
                            self._change(phase=Phase.STARTING, sentence=event.waiting or said)
                        case EngineLost():
                            self._change(sentence=f"The engine stopped{event.see_log}.")
                        case Failed():
                            self._change(phase=Phase.FAILED, sentence=event.problem.message)
                        case EvaluateFinished():
                            self._change(phase=Phase.FINISHED, id=event.evaluation)
        except Problem as problem:
            self._change(phase=Phase.FAILED, sentence=problem.message)
        except Exception as error:  # noqa: BLE001 - whatever it was, the job is over and its end must be seen
            self._change(phase=Phase.FAILED, sentence=failures.sentence(error))
        if self.busy:  # a stream that just ends: the evaluation was stopped
            self._change(phase=Phase.STOPPED, sentence="Stopped. What was finished is kept.")

    async def _prepared(self, request: EvaluateRequest) -> bool:
        """Waits for what is being prepared; what a system lacks in the end the evaluation itself says."""
        asked = PrepareRequest(id=f"{request.id}-parts", dataset=request.dataset, systems=request.systems)
        async with aclosing(self._engine.stream(asked)) as events:
            async for event in events:
                match event:
                    case JobProgress():
                        self._change(progress=event.progress)
                    case EngineLost():
                        self._change(sentence=event.waiting or f"The engine stopped{event.see_log}.")
                    case Failed():
                        self._change(phase=Phase.FAILED, sentence=event.problem.message)
                        return False
                if self._stop_wanted:
                    self._change(phase=Phase.STOPPED, sentence="Stopped. What was prepared is kept.")
                    return False
        self._change(progress=None, sentence="")
        return True

    async def pause(self) -> None:
        """Or go on, if it is paused. Raises `Problem`."""
        job = self.job
        if job is not None and job.id and job.active:
            paused = job.phase is not Phase.PAUSED
            await self._engine.call(PauseEvaluation(id=job.id, paused=paused))
            self._change(phase=Phase.PAUSED if paused else Phase.RUNNING)

    async def stop(self) -> None:
        """Raises `Problem`."""
        job = self.job
        if job is None or not job.active:
            return
        if not job.id:  # as soon as it can be
            self._stop_wanted = True
        else:
            await self._engine.call(StopEvaluation(id=job.id))

    def _failed(self, event: SystemFailed) -> None:
        if self.job is not None:
            known = self.job.systems
            name = known[event.system] if event.system < len(known) else f"system {event.system + 1}"
            sentence = f"{name}: {event.problem.message}"
            self._change(failed=(*self.job.failed, sentence), sentence=sentence)

    def _change(self, **changes: object) -> None:
        if self.job is not None:
            self._set(replace(self.job, **changes))  # type: ignore[arg-type]

    def _set(self, job: RunningEvaluation) -> None:
        self.job = job
        self._post(EvaluationChanged(job))
