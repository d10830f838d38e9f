"""An engine whose evaluations are real, and come over its routes; everything else is made up."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
from starlette.applications import Starlette

from zsr_tui.api.questions import Question, answer_type
from zsr_tui.api.requests import ProblemView
from zsr_tui.engine import answers
from zsr_tui.engine.evaluation.answers import evaluation_answers
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.library import Library

from .engine import FakeEngine


class RoutedEngine(FakeEngine):
    def __init__(self, library: Library) -> None:
        super().__init__()
        self._real = evaluation_answers(library, Shelf(library))
        app = Starlette(routes=answers.routes(self._real))
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://engine")

    async def call(self, question: Question[Any]) -> Any:
        if type(question) not in self._real:
            return await super().call(question)
        content = msgspec.json.encode(question)
        response = await self._http.post(f"/call/{type(question).__name__}", content=content)
        if response.status_code != 200:
            raise msgspec.json.decode(response.content, type=ProblemView).problem
        return msgspec.json.decode(response.content, type=answer_type(type(question)))
