"""An engine that knows what a finding carries, and nothing else: a screen shows it as it shows the real one's."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from zsr_tui.api.events import AnyEvent, Failed
from zsr_tui.api.explanations import Contrasted, Explained, ExplainFinished, ExplainRequest
from zsr_tui.api.questions import Answer, Question
from zsr_tui.api.requests import ProblemView, Request
from zsr_tui.domain import Problem
from zsr_tui.sessions.findings import Finding

NOT_CARRIED = "The finding carries this one explanation; in Compare, with the corpus, you can explain any other."


class CarriedEngine:
    """An `EngineApi`."""

    restarts = 0

    def __init__(self, finding: Finding) -> None:
        self._finding = finding

    async def start(self) -> None:
        """It is there."""

    async def close(self) -> None:
        """It holds nothing."""

    async def call(self, question: Question[Answer]) -> Answer:
        raise Problem(NOT_CARRIED)

    async def stream(self, request: Request) -> AsyncGenerator[AnyEvent, None]:
        explanations, contrast = self._finding.explanations, self._finding.contrast
        if not isinstance(request, ExplainRequest) or not self._is_carried(request):
            yield Failed(request=request.id, problem=ProblemView(message=NOT_CARRIED))
            return
        both = bool(request.against or request.against_system)
        for which, explanation in enumerate(explanations[: 2 if both else 1]):
            yield Explained(request=request.id, explanation=explanation, which=which)
        if both and contrast is not None:
            yield Contrasted(request=request.id, contrast=contrast)
        yield ExplainFinished(request=request.id, elapsed_ms=0.0)

    def _is_carried(self, request: ExplainRequest) -> bool:
        if not self._finding.explanations:
            return False
        first, *others = self._finding.explanations
        if (request.system, request.doc_id) != (first.system, first.doc_id):
            return False
        if request.sentence is not None or request.rival:
            return False
        if (request.gradient and first.family != "gradient") or request.stage not in ("", first.stage):
            return False
        if not (request.against or request.against_system):
            return True
        wanted = (request.against_system or first.system, request.against or first.doc_id)
        return any((other.system, other.doc_id) == wanted for other in others)
