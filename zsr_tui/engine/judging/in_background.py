"""A model that judges a pool in the background: it goes on when whoever asked leaves, until it is done or stopped."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from zsr_tui import caller
from zsr_tui.api.agreement import Between
from zsr_tui.api.event import Event
from zsr_tui.api.model_jobs import BeginModelJob, ModelDesk, ModelJob, ReadModelDesk, ReadModelJob, StopModelJob
from zsr_tui.api.model_judging import ModelJudged, ModelJudgeRequest, ModelJudgingFinished, ModelPlanned, ToJudge
from zsr_tui.api.pooling import Pooling
from zsr_tui.domain import Problem
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.judging.by_model import judge_by_model
from zsr_tui.engine.judging.pool.answers import Pools
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.problems import problem_view
from zsr_tui.progress import Cancelled, CancelToken

_jobs: dict[tuple[str, str], _Job] = {}  # the last of each, by the caller's name and the dataset's
_lock = threading.Lock()


class _Job:
    """Thread-safe."""

    def __init__(self, *, checking: bool) -> None:
        self.cancel = CancelToken()
        self.now = ModelJob(checking=checking)
        self._lock = threading.Lock()

    @property
    def at_work(self) -> bool:
        return self.now.state == "running"

    def change(self, **changes: object) -> None:
        with self._lock:
            self.now = replace(self.now, **changes)

    def take(self, event: Event) -> None:
        now = self.now
        match event:
            case ModelPlanned():
                self.change(total=now.total + event.requests)
            case ModelJudged():
                grades, failures = Counter(now.grades), Counter(now.failures)
                (failures if event.grade is None else grades).update([event.failure or str(event.grade)])
                self.change(done=now.done + 1, grades=dict(grades), failures=dict(failures))
            case ModelJudgingFinished():
                self.change(
                    read=_added(now.read, event.read),
                    wrote=_added(now.wrote, event.wrote),
                    seconds=now.seconds + event.seconds,
                    problem=event.stopped,
                )


def answers(shelf: KeptShelf, pools: Pools) -> Answers:
    return {
        ReadModelDesk: lambda asked: desk(shelf, pools, asked),
        BeginModelJob: lambda asked: begin(shelf, pools, asked),
        ReadModelJob: lambda asked: job.now if (job := _jobs.get(_mine(asked.dataset))) is not None else None,
        StopModelJob: lambda asked: stop(asked.dataset),
    }


def at_work() -> list[tuple[str, ModelJob]]:
    """What runs for whoever asks, with its dataset; all of it for whoever has started the engine."""
    name = caller.current().name
    with _lock:
        return [(dataset, job.now) for (whose, dataset), job in _jobs.items() if name in ("", whose) and job.at_work]


def desk(shelf: KeptShelf, pools: Pools, asked: ReadModelDesk) -> ModelDesk:
    """Raises `Problem` where no server is set that judges."""
    documents = _unjudged(pools, asked.pooling)
    check, _ = _planned(shelf, _requests(documents, asked.pooling, asked.check))
    pool, humans = _planned(shelf, _requests(documents, asked.pooling, 0))
    job = _jobs.get(_mine(asked.pooling.dataset))
    return ModelDesk(check=check, pool=pool, humans=humans, job=job.now if job is not None else None)


def begin(shelf: KeptShelf, pools: Pools, asked: BeginModelJob) -> ModelJob:
    """Raises `Problem` where one is at work on the dataset already."""
    requests = _requests(_unjudged(pools, asked.pooling), asked.pooling, asked.check)
    name = _mine(asked.pooling.dataset)
    with _lock:
        if name in _jobs and _jobs[name].at_work:
            raise Problem("the model judges this dataset already: wait for it, or stop it first.")
        job = _jobs[name] = _Job(checking=asked.check > 0)
    work = caller.carried(_work, job, shelf, requests)
    threading.Thread(target=work, name=f"a model judges {name[1]}", daemon=True).start()
    return job.now


def stop(dataset: str) -> None:
    """Raises `Problem` where none is at work."""
    job = _jobs.get(_mine(dataset))
    if job is None or not job.at_work:
        raise Problem("no model judges this dataset at the moment.", usage=True)
    job.cancel.cancel()


def _work(job: _Job, shelf: KeptShelf, requests: Iterable[ModelJudgeRequest]) -> None:
    from zsr_tui.retrieval.java import detach_thread

    try:
        for request in requests:
            judge_by_model(shelf, replace(request, spend=True), job.take, job.cancel)
            if job.now.problem:
                break
        state = "failed" if job.now.problem else "finished"
    except Cancelled:
        state = "stopped"  # what was graded is kept
    except BaseException as error:  # noqa: BLE001 - the thread's last frame: it must reach whoever looks
        state = "failed"
        job.change(problem=problem_view(error).message)
    finally:
        detach_thread()
    job.change(state=state)


def _unjudged(pools: Pools, pooling: Pooling) -> dict[str, list[ToJudge]]:
    with pools.at(pooling) as session:
        return session.unjudged()


def _requests(documents: dict[str, list[ToJudge]], pooling: Pooling, check: int) -> list[ModelJudgeRequest]:
    """For each dataset of the pool: `check` documents that people have judged, or those of the pool."""
    return [
        ModelJudgeRequest(
            id=f"{pooling.session} {dataset}",
            dataset=dataset,
            documents=() if check else tuple(found),
            check=check,
            seed=pooling.seed,
        )
        for dataset, found in (documents or {pooling.dataset: []}).items()
    ]


def _planned(shelf: KeptShelf, requests: Sequence[ModelJudgeRequest]) -> tuple[ModelPlanned, tuple[Between, ...]]:
    """All of them together, and how far what the model has judged before agrees with people. Nothing is sent."""
    events: list[Event] = []
    for request in requests:
        judge_by_model(shelf, request, events.append, CancelToken())
    plans = [event for event in events if isinstance(event, ModelPlanned)]
    names = ("requests", "characters", "known", "check")
    together = replace(plans[0], **{name: sum(getattr(plan, name) for plan in plans) for name in names})
    ended = (event for event in events if isinstance(event, ModelJudgingFinished))
    return together, tuple(each.humans for each in ended if each.humans is not None)


def _added(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def _mine(dataset: str) -> tuple[str, str]:
    return caller.current().name, dataset
