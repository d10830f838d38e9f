"""What a pool keeps account of: the cluster's places, requests, and calls that took some of them along."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from zsr_tui.cluster.link import Share
from zsr_tui.cluster.messages import About, Asked
from zsr_tui.scoring.queue.jobs import Job


class Linked(Protocol):
    """What a pool needs of `zsr_tui.cluster.link.Link`; a test puts in one without Ray."""

    def shares(self) -> list[Share]: ...
    def start(self, share: Share) -> Any: ...
    def about(self, worker: Any) -> Any: ...
    def run(self, worker: Any, requests: list[bytes]) -> Any: ...
    def stop(self, worker: Any, tickets: list[int]) -> None: ...
    def ready(self, calls: list[Any], seconds: float) -> list[Any]: ...
    def result(self, call: Any) -> Any: ...
    def end(self, worker: Any) -> None: ...
    def close(self) -> None: ...


@dataclass(slots=True, eq=False)
class Request:
    """A job on its way. `refused` are the places that cannot do it, and why."""

    job: Job
    asked: Asked
    data: bytes
    tries: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    stopped: bool = False

    @property
    def inputs(self) -> int:
        return max(1, self.job.work.count)


@dataclass(slots=True, eq=False)
class Call:
    place: Place
    requests: list[Request]
    began: float


@dataclass(slots=True, eq=False)
class Place:
    """A worker's share of the cluster, whoever works there. `number` is its own; `about` None until one has said who it
    is; `rates` of its models in inputs a second."""

    number: int
    share: Share
    worker: Any = None
    about: About | None = None
    up: bool = False
    losses: int = 0  # since something was done
    calls: list[Any] = field(default_factory=list)
    rates: dict[str, float] = field(default_factory=dict)

    @property
    def node(self) -> str:
        return "" if self.about is None else self.about.node
