"""The stand-in's variants: the query without each of its words, the third word carries every list."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from zsr_tui.api.events import AnyEvent, JobProgress, SystemFailed
from zsr_tui.api.questions import WriteVariant
from zsr_tui.api.requests import ProblemView, VariantsRequest
from zsr_tui.api.variants import Variant, VariantMeasured, VariantsFinished, VariantsFound
from zsr_tui.progress import Progress

if TYPE_CHECKING:
    from .engine import FakeEngine


async def variants(engine: FakeEngine, request: VariantsRequest) -> AsyncGenerator[AnyEvent, None]:
    engine.varied.append(request)
    search = request.search
    text = next((query.text for query in engine.query_list if query.id == search.qid), search.query)
    words = text.split()
    without = [
        Variant(kind="without", term=word, text=" ".join(words[:at] + words[at + 1 :])) for at, word in enumerate(words)
    ]
    found = (Variant(kind="as it is", text=text), *request.more, *(without if len(words) > 1 else ()))
    qid = search.judged_as or search.qid or ""
    counts = {"dataset": len(engine.judgments.get(qid, {})), "own": sum(of == qid for of, _ in engine.kept.judged)}
    judgments = {source: counts[source] for source in request.counting if counts.get(source)}
    judged = bool(judgments)
    yield VariantsFound(
        request=request.id, variants=found, judged=judged, generator=engine.generator, judgments=judgments
    )
    ended = False
    try:
        for system in range(len(search.systems)):
            if system in engine.fail:
                problem = ProblemView(message=engine.fail[system][0])
                yield SystemFailed(request=request.id, system=system, problem=problem)
                continue
            for number, variant in enumerate(found):
                await engine.reach("variant", system, number)
                ndcg = {over: 0.1 * counts["own"] * ("own" in over) for over in (request.counting, request.beside)}
                carried = number > 0 and variant.term == words[2 % len(words)]
                yield VariantMeasured(
                    request=request.id,
                    system=system,
                    variant=number,
                    ndcg=(0.3 if carried else 0.7 - 0.01 * number) + ndcg[request.counting] if judged else None,
                    beside=(0.3 if carried else 0.7 - 0.01 * number) + ndcg[request.beside] if judged else None,
                    overlap=4 if carried else 10,
                    rbo=0.35 if carried else 1.0,
                )
                done = Progress("Variants of the query", number, len(found), "lists")
                yield JobProgress(request=request.id, progress=done)
        yield VariantsFinished(request=request.id)
        ended = True
    finally:
        if not ended:
            engine.abandoned.append(request.id)


def written(asked: WriteVariant) -> Variant:
    return Variant(kind=asked.kind, text=f"in other words: {asked.query}")
