"""What the screens and the command line need of an engine. `zsr_tui.client.engine.Engine` is the real one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Protocol

from zsr_tui.api.events import AnyEvent
from zsr_tui.api.requests import (
    DocumentView,
    EvaluateRequest,
    Health,
    PrepareRequest,
    QueryPage,
    SearchRequest,
    Status,
    SystemHead,
)
from zsr_tui.domain import CorpusInfo, ModelInfo, Preset


class EngineApi(Protocol):
    """Every call may raise `zsr_tui.domain.Problem`, whose message is fit for the screen.

    Streams end after an event of `zsr_tui.api.events.ENDS`; closing one (`aclose`, or cancelling the task that
    iterates) cancels the work in the engine. A broken connection inside a stream shows as `EngineLost`; the engine
    is restarted once and the request repeated, then `Failed`.
    """

    @property
    def restarts(self) -> int:
        """How many engines were found dead and replaced where no stream could tell it as `EngineLost`."""

    async def start(self) -> None: ...
    async def close(self) -> None: ...
    async def health(self) -> Health: ...
    async def status(self) -> Status: ...
    async def corpora(self) -> list[CorpusInfo]: ...
    async def dataset(self, name: str) -> str: ...
    async def models(self) -> list[ModelInfo]: ...
    async def presets(self, dataset: str) -> list[Preset]: ...
    async def system(self, notation: str) -> SystemHead: ...
    async def queries(self, dataset: str, *, match: str = "", offset: int = 0, limit: int = 50) -> QueryPage: ...
    async def document(self, dataset: str, doc_id: str, query: str, models: tuple[str, ...] = ()) -> DocumentView: ...
    def search(self, request: SearchRequest) -> AsyncGenerator[AnyEvent, None]: ...
    def prepare(self, request: PrepareRequest) -> AsyncGenerator[AnyEvent, None]: ...
    def evaluate(self, request: EvaluateRequest) -> AsyncGenerator[AnyEvent, None]: ...
    async def _call(self, method: str, path: str, kind: Any, /, **parameters: Any) -> Any:
        """What `zsr_tui.client.evaluations.Evaluations` stands on: the answer of a route, decoded as `kind`."""
