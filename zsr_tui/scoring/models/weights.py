"""From a model's name to the files on this machine, and to a fingerprint of everything that its scores depend on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from zsr_tui.domain import ModelInfo, Problem
from zsr_tui.progress import CancelToken, Report, ignore_progress
from zsr_tui.scoring import devices
from zsr_tui.scoring.endpoints import served
from zsr_tui.scoring.models import (
    bounds,
    catalogue,
    checkpoint,
    completing,
    digests,
    embedded,
    hub,
    located,
    trust,
)
from zsr_tui.scoring.models.catalogue import Recipe
from zsr_tui.scoring.models.reference import Reference
from zsr_tui.scoring.models.runnable import check_runnable
from zsr_tui.scoring.models.unsaid import Settled

# architectures that are run in fp16 by whoever runs them in half precision; decision 0018 has why they are here
BOUNDED = ("bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert", "mpnet")
_BYTES = {"fp32": 4, "bf16": 2, "fp16": 2}  # of a parameter


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model whose files are on this machine.

    `path` is its folder, `weights` the weight files relative to it, `kind` "transformers", "onnx", or "endpoint" for
    one that a server runs (without files, and `precision` only if the server tells); `revision` the hub's commit, ""
    for anything else. `queries` encodes the queries, where another model does. `trusted`: the user allows it to run its
    own code, which it needs. `fingerprint` changes with whatever can change a score or a vector: the content of every
    file that is loaded (its own code, and an adapter's base, too), revision, precision, prompts, pooling, dimension and
    maximum length.
    """

    path: Path
    weights: tuple[str, ...]
    revision: str
    kind: str
    precision: str
    info: ModelInfo
    recipe: Recipe
    fingerprint: str = ""
    trusted: bool = False
    tokenizer: Path | None = None
    queries: ResolvedModel | None = None

    @property
    def tokenizer_path(self) -> Path:
        """The folder of its tokenizer."""
        return self.tokenizer or self.path

    @property
    def memory_bytes(self) -> int:
        """What the loaded weights take: as they are stored for ONNX, by the precision they run in for torch."""
        if self.kind == "transformers" and self.info.parameters:
            return _BYTES[self.precision] * self.info.parameters * (2 if self.queries else 1)
        return sum((self.path / name).stat().st_size for name in self.weights)


def resolve(
    model: str,
    *,
    precision: str | None = None,
    max_length: int | None = None,
    download: bool = True,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> ResolvedModel:
    """The model's files, from an installed package, a folder, or the hub's cache; else downloaded. `precision` None is
    the device's own, `max_length` None the model's; an ONNX file and a server have precisions of their own.

    What the cache holds is used as it is, without asking the hub for something newer: results stay the same until the
    user names another revision. Raises `Problem` in one sentence: unknown, not downloadable (with what to do offline),
    incomplete, or of a family that cannot be run.
    """
    info = catalogue.describe(model)
    if not info.runnable:
        raise Problem(f"{info.name} cannot be run: {info.why_not}")
    weights = catalogue.weights_reference(model)
    if weights.kind == "endpoint":
        return _endpoint(weights)
    place = located.local_folder(weights)
    if place is None:
        if weights.kind == "folder":
            raise Problem(f"the weights of {info.name} are missing: {located.missing(weights)}", usage=True)
        if weights.kind != "hub":
            raise embedded.not_installed(info.name, weights)
        if not download:
            raise hub.not_here(weights)
        hub.download(weights, report, cancel or CancelToken())
        place, info = completing.downloaded(weights), catalogue.describe(model)
    place = completing.with_base(info, weights, place, download, report, cancel or CancelToken())
    place = completing.with_heads(model, info, weights, place, download, report, cancel or CancelToken())
    completing.bring_queries(model, download, report, cancel or CancelToken())
    folder, files = located.files_of(place, code=trust.allows(weights))
    if files is None:
        raise Problem(located.no_weights(info.name, place), detail=str(folder))
    embedded.check(info.name, weights, folder, files.all)
    info = catalogue.describe(model)
    tokenizer = _tokenizer(model, info, folder, download, report, cancel or CancelToken())
    settled = catalogue.settle(model, folder, files, info.family)
    recipe = settled.recipe
    if (dimension := catalogue.split_dimension(model)[1]) is not None:
        recipe = replace(recipe, dimension=dimension)
    if max_length is not None:
        info = _shortened(info, max_length)
        recipe = replace(recipe, max_length=max_length)
    resolved = ResolvedModel(
        path=folder,
        weights=files.weights,
        revision=_revision(weights),
        kind=files.kind,
        info=info,
        recipe=recipe,
        trusted=check_runnable(
            info, weights, folder, files, own_tokenizer=tokenizer is None, head=recipe.head is not None
        ),
        precision=checkpoint.precision(folder, files) if files.kind == "onnx" else _precision(folder, precision),
        tokenizer=tokenizer,
    )
    resolved = replace(resolved, fingerprint=_fingerprint(resolved, files))
    return _with_queries(resolved, model, settled)


def _revision(weights: Reference) -> str:
    snapshot = located.hub_snapshot(weights) if weights.kind == "hub" else None
    return snapshot.name if snapshot else ""


def _with_queries(documents: ResolvedModel, model: str, settled: Settled) -> ResolvedModel:
    """With the encoder of queries, where it is another; `settled` is the documents'."""
    entry = catalogue.entry_of(model)
    weights = entry.queries if entry else None
    if weights is None:
        return documents
    place = completing.downloaded(weights)
    folder, files = located.files_of(place)
    if files is None or files.kind != "transformers" or not checkpoint.is_complete(folder):
        raise Problem(located.no_weights(weights.text, place), detail=str(folder))
    bounds.check(folder, files)
    own = catalogue.settle_queries(model, documents.path, settled)
    assert own is not None
    asked = documents.recipe
    queries = replace(
        documents,
        path=folder,
        weights=files.weights,
        revision=_revision(weights),
        recipe=replace(own.recipe, dimension=asked.dimension, max_length=asked.max_length),
        tokenizer=None,
    )
    both = f"{documents.fingerprint} {_fingerprint(queries, files)}"
    return replace(documents, queries=queries, fingerprint=hashlib.sha256(both.encode()).hexdigest()[:32])


def _shortened(info: ModelInfo, max_length: int) -> ModelInfo:
    if info.max_length and max_length > info.max_length:
        raise Problem(f"{info.name} reads {info.max_length:,} tokens at most: {max_length:,} are too many.", usage=True)
    return replace(info, max_length=max_length)


def _precision(folder: Path, wanted: str | None) -> str:
    """What a layer of the `BOUNDED` multiplies is bounded by its weights, whatever the text."""
    kind = checkpoint.read_json(folder / "config.json").get("model_type")
    return devices.torch_precision(wanted, bounded=kind in BOUNDED)


def _tokenizer(
    model: str, info: ModelInfo, folder: Path, download: bool, report: Report, cancel: CancelToken
) -> Path | None:
    """The folder of another model's tokenizer, downloaded if need be; None for a model that has its own, or must."""
    other = catalogue.tokenizer_of(model, folder)
    if other is None:
        return None
    if found := located.tokenizer_snapshot(other):
        return found
    try:
        if not download:
            raise hub.not_here(other)
        return hub.download_tokenizer(other, report, cancel)
    except Problem as problem:
        lacking = Problem(
            f"{info.name} has no tokenizer of its own: put tokenizer.json or spiece.model beside its weights, or get "
            f"that of {other.text} ({problem.message.rstrip('.')}).",
            detail=problem.detail,
        )
        lacking.kind = problem.kind
        raise lacking from problem


def _endpoint(weights: Reference) -> ResolvedModel:
    """A server's model. Its prompts are the client's job (the interfaces have no query or document side), known for
    models of the catalogue, unless the server is told by task."""
    endpoint = served.find(weights.text)
    info = catalogue.endpoint_info(weights, endpoint)
    entry = None if endpoint.takes_task or endpoint.family != "bi-encoder" else catalogue.entry_of(endpoint.model)
    known = entry.recipe if entry else Recipe()
    recipe = Recipe(query_prompt=known.query_prompt, document_prompt=known.document_prompt)
    return ResolvedModel(
        path=Path(),
        weights=(),
        revision=endpoint.version,
        kind="endpoint",
        precision=endpoint.precision or "unknown precision",
        info=info,
        recipe=recipe,
        fingerprint=endpoint.fingerprint(
            {"query": recipe.query_prompt or "", "document": recipe.document_prompt or ""}
        ),
    )


def _fingerprint(model: ResolvedModel, files: checkpoint.Files) -> str:
    content = {
        "files": {
            name: digests.of(model.path / name)
            for name in sorted(files.all)
            if name not in files.heads or model.recipe.head
        },
        "family": model.info.family,
        "revision": model.revision,
        "precision": model.precision,
        "recipe": {name: value for name, value in asdict(model.recipe).items() if value not in (None, ())},
    }
    if model.tokenizer:
        names = checkpoint.tokenizer_files(checkpoint.names_in(model.tokenizer))
        content["tokenizer"] = {name: digests.of(model.tokenizer / name) for name in names}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
