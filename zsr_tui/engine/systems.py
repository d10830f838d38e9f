"""Systems as the screen names them: notation, label, parameters, and what a bare model id stands for."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Sequence

from msgspec.structs import replace

from zsr_tui import pipeline
from zsr_tui.api.requests import FusionHead, SystemHead
from zsr_tui.domain import Problem
from zsr_tui.scoring.models import catalogue

RERANK_DEPTH = 100  # of a reranker that is named alone


def head(text: str) -> SystemHead:
    """The system that `text` means. A bi-encoder named alone is a dense retriever, a learned sparse model a sparse one,
    a reranker named alone reranks BM25's first 100. Raises `Problem` (the notation's own, with its column) for anything
    else."""
    try:
        system = pipeline.parse(text)
    except pipeline.NotationError as error:
        word = text.strip().casefold()
        if difflib.get_close_matches(word, ["bm25"], cutoff=0.7):
            raise pipeline.NotationError(text, error.column, "did you mean bm25?") from error
        system = _model_alone(text.strip())
    system = pipeline.changed(_by_head(system), _known_engine)
    for step in pipeline.steps(system):
        if isinstance(step, pipeline.Encoded):
            _check_place(step)
            _check_index(step.kind, step.prebuilt)
        elif isinstance(step, pipeline.Bm25):
            _check_index("bm25", step.index)
    infos = [catalogue.describe(model) for model in pipeline.models(system)]
    parameters = [info.parameters for info in infos]
    labels = {info.name: info.label for info in infos}
    blocked = next((info for info in infos if not info.runnable), None)
    return SystemHead(
        notation=str(system),
        label=_label(system, labels),
        parameters=sum(filter(None, parameters)) if infos and None not in parameters else None,
        note="; ".join(
            (*(f"searched by {step.kind}" for step in pipeline.served(system)), *(info.source for info in infos))
        ),
        guessed=tuple(dict.fromkeys(guess for info in infos for guess in info.guessed)),
        runnable=blocked is None,
        why_not=blocked.why_not if blocked else "",
        fusion=_fusion(system, labels),
    )


def _by_head(system: pipeline.System) -> pipeline.System:
    """With the catalogue's entry for each use of a model with several heads: sparse(BAAI/bge-m3) reads another than
    dense(BAAI/bge-m3), and so does bm25 >> BAAI/bge-m3."""
    match system:
        case pipeline.Sparse(model, index):
            return pipeline.Sparse(catalogue.by_head(model, "sparse"), index)
        case pipeline.Cut(source, depth):
            return pipeline.Cut(_by_head(source), depth)
        case pipeline.Rerank(source, model):
            return pipeline.Rerank(_by_head(source), catalogue.by_head(model, "rerank"))
        case pipeline.Rrf(systems) | pipeline.Linear(systems):
            return dataclasses.replace(system, systems=tuple(map(_by_head, systems)))
    return system


def _fusion(system: pipeline.System, labels: dict[str, str]) -> FusionHead | None:
    fusion = pipeline.outer_fusion(system)
    if fusion is None:
        return None
    above = pipeline.uncut(system)
    return FusionHead(
        parts=tuple(_label(inside, labels) for inside in fusion.systems),
        shares=_shares(fusion.weights),
        whole=math.fsum(fusion.weights),
        reranker=labels.get(above.model, above.model) if isinstance(above, pipeline.Rerank) else "",
    )


def with_weights(known: SystemHead, system: pipeline.System) -> SystemHead:
    """`head` of a fused system that is the known one with other weights. The files of its models are not looked at."""
    fusion = pipeline.outer_fusion(system)
    assert fusion is not None
    assert known.fusion is not None
    parts = known.fusion.parts
    return replace(
        known,
        notation=str(system),
        label=fusion.written(parts) + str(system).removeprefix(str(fusion)),
        fusion=FusionHead(parts=parts, shares=_shares(fusion.weights), whole=math.fsum(fusion.weights)),
    )


def _shares(weights: Sequence[float]) -> tuple[float, ...]:
    whole = math.fsum(weights)
    return tuple(weight / whole for weight in weights)


def _check_place(step: pipeline.Encoded) -> None:
    """Raises `Problem` where a learned sparse model is written as a dense one, or the other way round."""
    match step, catalogue.describe(step.model).family:
        case pipeline.Dense(model), "sparse":
            is_a, instead = "a learned sparse model and has no dense vectors", str(pipeline.Sparse(model))
        case pipeline.Sparse(model), "bi-encoder":
            is_a, instead = "a bi-encoder and has no weighted terms", str(pipeline.Dense(model))
        case _:
            return
    raise Problem(f"{step.model} is {is_a}: write {instead} in place of {step}.", usage=True)


def _check_index(step: str, name: str) -> None:
    """Raises `Problem` where a prebuilt index is named that there is not, or that the step cannot search."""
    if name:
        from zsr_tui.retrieval.prebuilt.opening import check

        check(step, name)


def _known_engine(step: pipeline.System) -> pipeline.System:
    """With the model written out that a named engine has. Raises `Problem` where an engine is named that there is not,
    or that whoever asks may not reach."""
    if not isinstance(step, pipeline.Served):
        return step
    from zsr_tui.retrieval.engines.opening import found

    return dataclasses.replace(step, model=found(step).model)


def _model_alone(text: str) -> pipeline.System:
    bare = pipeline.parse(f"dense({text})") if text and not set(text) & pipeline.MARKS else pipeline.parse(text)
    assert isinstance(bare, pipeline.Dense)
    info = catalogue.describe(bare.model)
    if info.family in ("bi-encoder", ""):
        return bare
    if info.family == "sparse":
        return pipeline.Sparse(bare.model)
    return pipeline.Rerank(pipeline.Cut(pipeline.Bm25(), RERANK_DEPTH), bare.model)


def _label(system: pipeline.System, labels: dict[str, str]) -> str:
    match system:
        case pipeline.Bm25():
            return str(system)
        case pipeline.Served():
            return _engine_label(system, labels)
        case pipeline.Dense(model, index) | pipeline.Sparse(model, index) if index:
            return f"{system.kind} {labels.get(model, model)} ({index})"
        case pipeline.Dense(model) | pipeline.Sparse(model):
            return f"{system.kind} {labels.get(model, model)}"
        case pipeline.Rrf(systems) | pipeline.Linear(systems):
            return system.written(_label(inside, labels) for inside in systems)
        case pipeline.Cut(source, depth):
            return f"{_label(source, labels)} % {depth}"
        case pipeline.Rerank(source, model):
            return f"{_label(source, labels)} >> {labels.get(model, model)}"


def _engine_label(step: pipeline.Served, labels: dict[str, str]) -> str:
    name = step.engine.partition("://")[2] or step.engine
    settings = (step.template.removesuffix(".json"), labels.get(step.model, step.model), step.vector)
    said = ", ".join(filter(None, settings))
    return f"{step.kind} {name}{said and f' ({said})'}"
