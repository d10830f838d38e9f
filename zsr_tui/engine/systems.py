"""Systems as the screen names them: notation, label, parameters, and what a bare model id stands for."""

from __future__ import annotations

import difflib

from zsr_tui import pipeline
from zsr_tui.api.requests import SystemHead
from zsr_tui.domain import ModelInfo, Problem
from zsr_tui.engine.library import Library

RERANK_DEPTH = 100  # of a reranker that is named alone


def head(library: Library, text: str) -> SystemHead:
    """The system that `text` means. A bi-encoder named alone is a dense retriever, a learned sparse model a sparse one,
    a reranker named alone reranks BM25's first 100. Raises `Problem` (the notation's own, with its column) for anything
    else."""
    try:
        system = pipeline.parse(text)
    except pipeline.NotationError as error:
        word = text.strip().casefold()
        if difflib.get_close_matches(word, ["bm25"], cutoff=0.7):
            raise pipeline.NotationError(text, error.column, "did you mean bm25?") from error
        system = _model_alone(library, text.strip())
    for step in pipeline.steps(system):
        if isinstance(step, pipeline.Encoded):
            _check_place(library, step)
    infos = [library.scoring.describe(model) for model in pipeline.models(system)]
    parameters = [info.parameters for info in infos]
    blocked = next((info for info in infos if not info.runnable), None)
    return SystemHead(
        notation=str(system),
        label=_label(system, {info.name: info for info in infos}),
        parameters=sum(filter(None, parameters)) if infos and None not in parameters else None,
        note="; ".join(info.source for info in infos),
        runnable=blocked is None,
        why_not=blocked.why_not if blocked else "",
    )


def _check_place(library: Library, step: pipeline.Encoded) -> None:
    """Raises `Problem` where a learned sparse model is written as a dense one, or the other way round."""
    family = library.scoring.describe(step.model).family
    if isinstance(step, pipeline.Dense) and family == "sparse":
        raise Problem(
            f"{step.model} is a learned sparse model and has no dense vectors: write {pipeline.Sparse(step.model)} "
            f"in place of {step}.",
            usage=True,
        )
    if isinstance(step, pipeline.Sparse) and family == "bi-encoder":
        raise Problem(
            f"{step.model} is a bi-encoder and has no weighted terms: write {pipeline.Dense(step.model)} in place of "
            f"{step}.",
            usage=True,
        )


def _model_alone(library: Library, text: str) -> pipeline.System:
    bare = pipeline.parse(f"dense({text})") if text and not set(text) & set('(),="%<> ') else pipeline.parse(text)
    assert isinstance(bare, pipeline.Dense)
    info = library.scoring.describe(bare.model)
    if info.family in ("bi-encoder", ""):
        return bare
    if info.family == "sparse":
        return pipeline.Sparse(bare.model)
    return pipeline.Rerank(pipeline.Cut(pipeline.Bm25(), RERANK_DEPTH), bare.model)


def _label(system: pipeline.System, infos: dict[str, ModelInfo]) -> str:
    def name(model: str) -> str:
        return infos[model].label if model in infos else model

    match system:
        case pipeline.Bm25():
            return str(system)
        case pipeline.Dense(model) | pipeline.Sparse(model):
            return f"{system.kind} {name(model)}"
        case pipeline.Rrf(systems):
            return f"rrf({', '.join(_label(inside, infos) for inside in systems)})"
        case pipeline.Cut(source, depth):
            return f"{_label(source, infos)} % {depth}"
        case pipeline.Rerank(source, model):
            return f"{_label(source, infos)} >> {name(model)}"
