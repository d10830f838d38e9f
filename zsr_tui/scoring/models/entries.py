"""The entries of the catalogue: those of the folder `known` beside this file, and the user's own.

The user's are in `models.toml` of the configuration folder, with the same fields and `like`, the name of a model of the
catalogue whose family, recipe and tokenizer an entry takes over. An own entry adds a model: it cannot change one of the
catalogue.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass, field, fields
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from zsr_tui import outside, paths
from zsr_tui.decoding import converted
from zsr_tui.domain import Problem
from zsr_tui.scoring.models import declared, families, reference
from zsr_tui.scoring.models.reference import Reference

_BORROWING = ("monot5", "duot5", "rankt5")  # the families that may take another repository's tokenizer
_KNOWN = (  # the files of the catalogue, in its order
    "built_in", "paper", "t5", "bi_encoders", "cross_encoders", "sparse", "late_interaction", "causal_lm",
)  # fmt: skip
_SERVED = ("endpoint", "listwise")
_CHOICES = {
    "pooling": declared.POOLINGS,
    "similarity": ("cosine", "dot"),
    "document_format": ("anserini-json", "title-sep"),
    "cut": ("prompt",),
    "head": ("sparse", "colbert", "all"),
}
_BARE = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is to be run where its own files do not say so; None leaves it to them.

    `brackets` are the tokens that SGPT puts around an input: ("[", "]"). `dimension` keeps that many of a vector's
    first numbers (Matryoshka representations, arXiv 2205.13147). `prompt` is what a causal language model is asked, in
    pieces that are tokenised one by one, with {query} and a piece that ends with {document}; `yes` and `no` are the
    tokens that it answers with. `prompt_words`, `true_token` and `false_token` are monoT5's, where they are not its
    usual English; `score_token` is RankT5's. `relevant_label` is the one, of a classifier with several, that says that
    a document is relevant. `head` is the one of bge-m3 that is read: "sparse", "colbert", or "all". The last three
    reproduce a protocol: `document_format` "anserini-json" (see `documents.py`), `query_characters` of the query that
    its candidates are retrieved with, and `cut` "prompt" for a prompt that loses its end rather than its document.
    """

    query_prompt: str | None = None
    document_prompt: str | None = None
    pooling: str | None = None  # sentence-transformers' name of it: "cls", "mean", "weightedmean", "lasttoken"
    similarity: str | None = None  # "cosine" or "dot": what vectors are compared by
    ends: bool | None = None  # texts must end with the tokenizer's end token, at which they are read
    max_length: int | None = None
    dimension: int | None = None
    query_brackets: tuple[str, ...] = ()
    document_brackets: tuple[str, ...] = ()
    prompt: tuple[str, ...] = ()
    yes: str | None = None
    no: str | None = None
    prompt_words: tuple[str, ...] = ()
    true_token: str | None = None
    false_token: str | None = None
    score_token: str | None = None
    relevant_label: int | None = None
    head: str | None = None
    document_format: str | None = None
    query_characters: int | None = None
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A model of the catalogue. `tokenizer`: the hub id whose tokenizer it takes if its own files have none, "" for a
    model that must have its own. `queries`: the weights of the encoder of queries, where it is another than that of
    documents. `heads`: the entries that read other heads of it, "sparse" as a first stage and "rerank" behind another.
    `own`: it is the user's, who says the fields `said` of its recipe; the others are those of `like`, if it is like a
    model of the catalogue."""

    name: str
    label: str
    family: str
    reference: Reference  # of its weights
    recipe: Recipe = field(default_factory=Recipe)
    parameters: int | None = None
    licence: str = ""
    note: str = ""
    distribution: str = ""
    original: str = ""  # the hub's id of what a package has
    sha256: dict[str, str] = field(default_factory=dict)  # of the package's files, by name
    own_code: bool = False
    why_not: str = ""  # one sentence on what it needs that no family here has
    in_paper: bool = False
    tokenizer: str = ""
    queries: Reference | None = None
    heads: dict[str, str] = field(default_factory=dict)
    own: bool = False
    like: str = ""
    said: tuple[str, ...] = ()


class _Own(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a user may write of a model; the fields of `Recipe` are checked as they stand there."""

    name: str
    like: str = ""
    label: str = ""
    family: str = ""
    weights: str = ""
    query_weights: str = ""
    parameters: int | None = None
    licence: str = ""
    note: str = ""
    tokenizer: str = ""


def own_place() -> Path:
    return paths.config_dir() / "models.toml"


def all_entries() -> dict[str, Entry]:
    """By name, the catalogue's first. Raises `Problem` for a user's file that cannot be used."""
    place = own_place()
    try:
        state = place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return _bundled()
    except OSError as error:
        raise Problem(f"{place} cannot be read: {error.strerror}.") from error
    return _with_own(place, state.st_mtime_ns, state.st_size)


@cache
def _bundled() -> dict[str, Entry]:
    folder = resources.files(__package__).joinpath("known")
    texts = [folder.joinpath(f"{name}.toml").read_text(encoding="utf-8") for name in _KNOWN]
    return {entry.name: entry for text in texts for entry in map(_entry, tomllib.loads(text)["model"])}


def _entry(table: dict[str, Any]) -> Entry:
    recipe, values = _split(table)
    weights = reference.parse(values.pop("weights", values["name"]))
    queries = values.pop("query_weights", "")
    return Entry(
        reference=weights,
        recipe=converted(recipe, Recipe),
        queries=reference.parse(queries) if queries else None,
        **values,
    )


def _split(table: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The recipe's fields, and the others."""
    values = dict(table)
    recipe = {each.name: values.pop(each.name) for each in fields(Recipe) if each.name in values}
    return recipe, values


# --- the user's own ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _with_own(place: Path, changed: int, size: int) -> dict[str, Entry]:
    """`changed` and `size` are the file's, so that it is read again when it is another."""
    try:
        tables = outside.toml(outside.read_text(place))
    except OSError as error:
        raise Problem(f"{place} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Problem(f"{place} is not valid TOML: {error}.", usage=True) from error
    models = tables.pop("model", [])
    if tables or not isinstance(models, list) or not all(isinstance(each, dict) for each in models):
        raise Problem(f"{place} must hold nothing but models, each below a line [[model]].", usage=True)
    found = dict(_bundled())
    for number, table in enumerate(models, start=1):
        try:
            entry = _own_entry(table, place.parent)
            if entry.name in found:
                whose = "twice in this file" if found[entry.name].own else "a model of the catalogue"
                raise ValueError(f"it is {whose}: give it another name")
        except (ValueError, Problem) as error:  # msgspec.ValidationError is a ValueError
            said = error.message if isinstance(error, Problem) else str(error)
            which = f"model {table['name']!r}" if isinstance(table.get("name"), str) else f"model number {number}"
            raise Problem(f"{which} in {place}: {said.rstrip('.')}.", usage=True) from error
        found[entry.name] = entry
    return found


def _own_entry(table: dict[str, Any], folder: Path) -> Entry:
    """Raises `ValueError` or `Problem` for what cannot be meant; `folder` is where relative paths start."""
    own_recipe, values = _split(table)
    if "normalize" in values:  # the older spelling of a similarity
        own_recipe.setdefault("similarity", "cosine" if converted(values.pop("normalize"), bool) else "dot")
    own = converted(values, _Own)
    model = _bundled().get(own.like)
    if own.like and model is None:
        raise ValueError(f"like names {own.like!r}, which is no model of the catalogue ('zsr-tui models' lists them)")
    if model and model.why_not:
        raise ValueError(f"{own.like} cannot be run: {model.why_not}")
    merged = {**_said(model.recipe if model else Recipe()), **own_recipe}
    given = {
        name: value for name, value in values.items() if value and name not in ("like", "weights", "query_weights")
    }
    taken = {"family": model.family, "tokenizer": model.tokenizer} if model else {"family": ""}
    whole = {"label": own.name.rpartition("/")[2], **taken, **given}
    entry = Entry(
        reference=_weights(own, folder),
        recipe=converted(merged, Recipe),
        queries=_place(own.query_weights, folder) if own.query_weights else None,
        own=True,
        like=own.like,
        said=tuple(own_recipe),
        **whole,
    )
    _check(entry)
    return entry


def _said(recipe: Recipe) -> dict[str, Any]:
    return {name: value for name, value in asdict(recipe).items() if value not in (None, ())}


def _weights(own: _Own, folder: Path) -> Reference:
    name = reference.parse(own.name)
    if name.kind not in ("name", "hub") or name.revision or (name.kind == "name" and not _BARE.fullmatch(own.name)):
        raise ValueError("a name is made of letters, digits, '.', '_' and '-', or is a Hugging Face id as org/name")
    if name.kind == "hub" and own.weights:
        raise ValueError("a Hugging Face id names its own weights: leave weights out, or give it another name")
    return _place(own.weights, folder) if own.weights or name.kind == "name" else name


def _place(written: str, folder: Path) -> Reference:
    """Of weights, where a relative path starts in `folder`."""
    place = str(folder / Path(written).expanduser())
    if written and reference.is_model_folder(place):
        return Reference(place, "folder", place)
    found = reference.parse(written) if written else None
    if found is None or found.kind == "name":
        raise ValueError("it needs weights: a folder that is there, or a Hugging Face id as org/name")
    if found.kind == "endpoint":
        raise ValueError("a model that a server runs has no entry: write the server's URL in the system")
    return Reference(place, "folder", place) if found.kind == "folder" else found


def _check(entry: Entry) -> None:
    """What `load` of a family takes for granted. Raises `ValueError`."""
    recipe, known = entry.recipe, [name for name in families.NAMES if name not in _SERVED]
    if entry.family not in known:
        said = f"{entry.family!r} is no family" if entry.family else "it needs a family, or like"
        raise ValueError(f"{said}: write one of {', '.join(known)}")
    if entry.tokenizer and (entry.family not in _BORROWING or reference.parse(entry.tokenizer).kind != "hub"):
        raise ValueError(f"a tokenizer is a Hugging Face id, for the families {', '.join(_BORROWING)}")
    if entry.queries is not None and entry.family != "bi-encoder":
        raise ValueError("query_weights are a bi-encoder's")
    for name in ("max_length", "dimension", "query_characters"):
        if (value := getattr(recipe, name)) is not None and value < 1:
            raise ValueError(f"{name} must be 1 or more")
    if recipe.relevant_label is not None and recipe.relevant_label < 0:
        raise ValueError("relevant_label must be 0 or more: labels are counted from 0")
    for name, count in (("query_brackets", 2), ("document_brackets", 2), ("prompt_words", 3)):
        if len(getattr(recipe, name)) not in (0, count):
            raise ValueError(f"{name} must be {count} texts")
    if bool(recipe.query_brackets) != bool(recipe.document_brackets):
        raise ValueError("query_brackets and document_brackets must be given together")
    if bool(recipe.true_token) != bool(recipe.false_token):
        raise ValueError("true_token and false_token must be given together")
    if recipe.prompt and not (
        sum(piece.endswith("{document}") for piece in recipe.prompt) == 1
        and "{query}" in "".join(recipe.prompt)
        and recipe.yes
    ):
        raise ValueError("prompt must have {query}, one piece that ends with {document}, and yes beside it")
    for name, allowed in _CHOICES.items():
        if getattr(recipe, name) not in (None, *allowed):
            raise ValueError(f"{name} must be {' or '.join(map(repr, allowed))}, or left out")
