"""Brings what a model's files leave to others: an adapter's base, an encoder of queries, and heads that an earlier
download left out."""

from __future__ import annotations

from pathlib import Path

from zsr_tui.domain import ModelInfo, Problem
from zsr_tui.progress import CancelToken, Report
from zsr_tui.scoring.models import adapters, catalogue, hub, located
from zsr_tui.scoring.models.reference import Reference


def downloaded(weights: Reference) -> Path:
    place = located.local_folder(weights)
    assert place is not None
    return place


def with_base(
    info: ModelInfo, weights: Reference, place: Path, download: bool, report: Report, cancel: CancelToken
) -> Path:
    """Where a model is loaded from: for an adapter once its base is on this machine, which is downloaded if need be."""
    adapter = adapters.of(place) if place.is_dir() else None
    if adapter is None:
        return place
    if not info.runnable:
        raise Problem(f"{info.name} cannot be run: {info.why_not}")
    base = located.base_of(adapter)
    assert base is not None
    if base.kind == "hub" and located.local_folder(base) is None:
        try:
            if not download:
                raise hub.not_here(base)
            hub.download(base, report, cancel)
        except Problem as problem:
            lacking = Problem(
                f"{info.name} is a LoRA adapter, and its base cannot be had: {problem.message}", detail=problem.detail
            )
            lacking.kind = problem.kind
            raise lacking from problem
    place = downloaded(weights)
    if adapters.of(place):
        raise Problem(
            f"{info.name} is an adapter for {adapter.base}, which holds no whole weights that torch runs: it cannot be "
            "added to that.",
            detail=str(place),
        )
    return place


def bring_queries(model: str, download: bool, report: Report, cancel: CancelToken) -> None:
    """The encoder of queries, where it is another than the documents'."""
    entry = catalogue.entry_of(model)
    weights = entry.queries if entry else None
    if weights is None or located.local_folder(weights) is not None:
        return
    if weights.kind != "hub":
        raise Problem(f"the encoder of queries is missing: {located.missing(weights)}", usage=True)
    if not download:
        raise hub.not_here(weights)
    hub.download(weights, report, cancel)


def with_heads(
    model: str,
    info: ModelInfo,
    weights: Reference,
    place: Path,
    download: bool,
    report: Report,
    cancel: CancelToken,
) -> Path:
    """The folder with the heads that are read, which an earlier download may have left out."""
    lacking = located.lacking_heads(catalogue.recipe_of(model), place)
    if lacking and weights.kind == "hub":
        if not download:
            raise hub.not_here(weights)
        place = hub.download(weights, report, cancel)
        lacking = located.lacking_heads(catalogue.recipe_of(model), place)
    if lacking:
        raise Problem(
            f"{info.name} reads {' and '.join(lacking)} of a bge-m3, which its folder does not have: take a copy that "
            "has it, or dense(...) of the model alone.",
            detail=str(place),
        )
    return place
