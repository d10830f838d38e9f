"""Where a model's files are on this machine, and the folder that it is loaded from."""

from __future__ import annotations

from pathlib import Path

from zsr_tui import caller, paths
from zsr_tui.domain import Problem
from zsr_tui.scoring.endpoints import address
from zsr_tui.scoring.models import adapters, checkpoint, entries, reference, towers, trust
from zsr_tui.scoring.models.entries import Recipe
from zsr_tui.scoring.models.reference import Reference


def local_folder(weights: Reference) -> Path | None:
    """Where the model's files are on this machine, or None. An ONNX file may be named in place of its folder."""
    place = None
    match weights.kind:
        case "package":
            place = reference.package_folder(weights.place)
        case "folder":
            folder = Path(weights.place).expanduser()
            place = folder.absolute() if folder.exists() else None
        case "hub":
            place = hub_snapshot(weights)
    return None if place is None else as_run(place, code=trust.allows(weights))


def as_run(place: Path, *, code: bool = False) -> Path:
    """The folder that a model is loaded from: of an adapter one with its base, if that is on this machine too; of one
    of DPR's encoders one with the names of a BERT; else the model's own."""
    if not place.is_dir():
        return place
    adapter = adapters.of(place)
    if adapter is None:
        return towers.as_bert(place) or place
    base = None if adapters.why_not(adapter) else base_of(adapter)
    folder = local_folder(base) if base else None
    files = files_of(folder, code=code)[1] if folder else None
    mergeable = files is not None and files.kind == "transformers" and not files.adapter
    return adapters.whole(adapter, folder, files) if mergeable and folder and files else place


def base_of(adapter: adapters.Adapter) -> Reference | None:
    """Where the weights of an adapter's base come from; None for what is neither a folder that is there nor a hub
    id."""
    base = reference.parse(adapter.base)
    check_reach(base)
    found = base.kind == "hub" or (base.kind == "folder" and Path(base.place).is_dir())
    return base if found else None


def check_reach(named: Reference) -> None:
    """Of what no entry of the catalogue names. An installed package has its own files, and no others."""
    if named.kind == "folder":
        caller.check_path(Path(named.place), repr(named.text))
    elif named.kind == "endpoint":
        caller.check_host(address.parse(named.text).host)
    elif named.kind == "package" and ".." in named.place.split("/"):
        raise Problem(f"{named.text!r} leaves the folder of its package: name a folder in it.", usage=True)


def hub_snapshot(weights: Reference) -> Path | None:
    """A complete snapshot in the hub's cache: the revision's, without one the last that `main` pointed at."""
    snapshot = _snapshot(weights)
    own = not takes_a_tokenizer(weights)
    complete = snapshot.is_dir() and checkpoint.is_complete(snapshot, code=trust.allows(weights), tokenizer=own)
    return snapshot if complete else None


def _snapshot(weights: Reference) -> Path:
    repository = paths.hub_dir() / f"models--{weights.place.replace('/', '--')}"
    revision = weights.revision or "main"
    pointer = repository / "refs" / revision
    commit = pointer.read_text("utf-8").strip() if pointer.is_file() else revision
    return repository / "snapshots" / commit


def takes_a_tokenizer(weights: Reference) -> bool:
    """Whether a hub repository may be without a tokenizer, since an entry names another's."""
    return any(entry.tokenizer and entry.reference.place == weights.place for entry in entries.all_entries().values())


def tokenizer_snapshot(tokenizer: Reference) -> Path | None:
    """Another model's tokenizer in the hub's cache; its config.json says the class."""
    snapshot = _snapshot(tokenizer)
    names = checkpoint.names_in(snapshot) if snapshot.is_dir() else []
    return snapshot if checkpoint.has_tokenizer(names) and "config.json" in names else None


def files_of(place: Path, *, code: bool = False) -> tuple[Path, checkpoint.Files | None]:
    """The model's folder and its files, for a folder or a single ONNX file; with `code`, its Python files too."""
    if place.is_file():
        folder = place.parent
        return folder, checkpoint.select_file(folder, place.name) if place.suffix == ".onnx" else None
    return place, checkpoint.select_in(place, code=code)


def lacking_heads(recipe: Recipe, folder: Path) -> list[str]:
    """The files of bge-m3's heads that a recipe reads and a folder does not have."""
    if recipe.head is None:
        return []
    read = checkpoint.HEADS.values() if recipe.head == "all" else (checkpoint.HEADS[recipe.head],)
    return [name for name in read if not (folder / name).is_file()]


def missing(weights: Reference) -> str:
    """A folder or package that is not there."""
    if weights.kind == "folder":
        return f"there is no folder {weights.place}: give the folder that holds the model's config.json and weights."
    package = weights.place.partition("/")[0]
    return f"there is no {weights.place} inside an installed package: install the package that holds {package!r}."


def no_weights(model: str, place: Path) -> str:
    """A folder or file that holds no model which can be loaded."""
    if place.is_file():
        return (
            f"{place.name} is no model: name the folder that holds config.json and the weights, or an .onnx file in it."
        )
    several = sorted(name for name in checkpoint.names_in(place) if name.endswith(".onnx"))
    if several:
        return f"the folder of {model} holds several ONNX files: name one of them, such as {place / several[0]}."
    return (
        f"the folder of {model} holds no complete weights: it needs model.safetensors, pytorch_model.bin or "
        "model.onnx (all of its parts)."
    )
