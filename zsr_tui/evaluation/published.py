"""Figures that others published, to stand beside measured ones.

Two sources: pyserini's table of BEIR results, read where pyserini is installed (`pyserini/2cr/beir.yaml`, not a copy),
and the figures of the paper and of its rerankers' model cards (`paper_figures.toml`). A source that cannot be read is a
sentence in `unavailable()`; the other one still stands.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from zsr_tui import extras
from zsr_tui.domain import Problem
from zsr_tui.numerals import counted
from zsr_tui.pipeline import Bm25, Cut, Dense, NotationError, Rerank, System, parse, steps

AVERAGE = "beir"  # the dataset id of an average over BEIR's datasets
IN_DOMAIN = "beir/msmarco/dev"

_SEARCHED = "published with exact search"
_PAPER = Path(__file__).with_name("paper_figures.toml")
_MS_MARCO = {IN_DOMAIN, "beir/msmarco", "msmarco-passage/dev/small"}

# pyserini's conditions that are systems of this program, in its notation.
_CONDITIONS = {
    "bm25-flat": "bm25",
    "splade-pp-ed": "sparse(naver/splade-cocondenser-ensembledistil)",
    "contriever": "dense(facebook/contriever)",
    "contriever-msmarco": "dense(facebook/contriever-msmarco)",
    "bge-base-en-v1.5.faiss": "dense(BAAI/bge-base-en-v1.5)",
}


@dataclass(frozen=True, slots=True)
class Published:
    """One published value. `notation` is the system as this program writes it, empty where it cannot run it."""

    system: str  # as its source calls it
    dataset: str
    measure: str
    value: float
    source: str
    approximate: bool = False
    notation: str = ""
    family: str = ""
    parameters: int | None = None
    digits: int = 4  # decimals that were published
    difference: str = ""  # in what it was measured otherwise than this program does


@dataclass(frozen=True, slots=True)
class Match:
    """A published figure for a measured system; `difference` says in what the two systems differ, if in anything."""

    published: Published
    difference: str = ""


def published(dataset: str, measure: str) -> list[Published]:
    """The published figures for a dataset of ir_datasets (`beir/scifact/test`), or the average `beir`; those of
    pyserini first. Empty where nothing is known."""
    name = dataset_name(dataset)
    return [row for rows, _ in _sources() for row in rows if row.dataset == name and row.measure == measure]


def unavailable() -> tuple[str, ...]:
    """A sentence for each source that cannot be read here."""
    return tuple(sentence for _, sentence in _sources() if sentence)


def dataset_name(dataset: str) -> str:
    """The name under which the sources know a dataset; empty for what they don't know, such as another split."""
    if dataset in _MS_MARCO:
        return "msmarco"
    if dataset == AVERAGE:
        return AVERAGE
    match dataset.split("/"):
        case ["beir", "webis-touche2020", *version]:  # both evaluate its second version
            return "webis-touche2020" if version == ["v2"] else ""
        case ["beir", "msmarco", *_]:  # its test is that of TREC DL 2019, of which neither source speaks
            return ""
        case ["beir", "cqadupstack", *forum]:
            return "-".join(["cqadupstack", *forum])
        case ["beir", name] | ["beir", name, "test"]:
            return name
    return ""


def matches(notation: str, rows: Iterable[Published]) -> list[Match]:
    """Those of `rows` (of one measure) that were published for the system `notation`: the exact ones first, and the
    printed ones before those read off a plot."""
    try:
        system = parse(notation)
    except NotationError:
        return []  # an imported run has a name and no notation
    found = [Match(row, difference) for row in rows if (difference := _difference(system, row)) is not None]
    if any(isinstance(step, Dense) and step.index not in ("", "flat") for step in steps(system)):
        found = [replace(each, difference="; ".join(filter(None, (each.difference, _SEARCHED)))) for each in found]
    return sorted(found, key=lambda match: (bool(match.difference), match.published.approximate))


def _difference(measured: System, row: Published) -> str | None:
    """In what the published system differs; empty if in nothing that the measure sees, None if it is another one."""
    if not row.notation:
        return None
    cutoff = re.search(r"@(\d+)", row.measure)
    needed = int(cutoff.group(1)) if cutoff else None
    depth: int | None = None
    while isinstance(measured, Cut):
        depth = measured.depth if depth is None else min(depth, measured.depth)
        measured = measured.source
    if depth is not None and needed is not None and depth < needed:
        return None
    if str(_plain(measured)) == row.notation:
        return row.difference
    try:
        other = parse(row.notation)
    except NotationError:  # a retriever that this notation does not have
        return None
    if not (isinstance(measured, Rerank) and isinstance(other, Rerank)):
        return None
    if _model(measured.model) != _model(other.model):
        return None
    ours, theirs = _first_stage(measured.source), _first_stage(other.source)
    if ours[0] != theirs[0]:
        return f"published over {theirs[0]}"
    if ours[1] == theirs[1]:
        return row.difference
    return f"published with {counted(theirs[1], 'candidate')}, measured with {ours[1]:,}"


def _plain(system: System) -> System:
    return Dense(_model(system.model)) if isinstance(system, Dense) else system


def _model(model: str) -> str:
    """Without its revision, and by the present name of cross-encoder's models: what was MiniLM-L-6 is MiniLM-L6."""
    return re.sub(r"^(cross-encoder/ms-marco-\w+-L)-(\d)", r"\1\2", model.partition("@")[0])


def _first_stage(system: System) -> tuple[str, int]:
    """The candidates' retriever and how many it gives (1,000 where the notation does not say)."""
    depth = 1000
    while isinstance(system, Cut):
        depth = min(depth, system.depth)
        system = system.source
    return str(system if isinstance(system, Bm25) else _plain(system)), depth


@cache
def _sources() -> list[tuple[list[Published], str]]:
    """Of each its figures, or the sentence why there are none."""
    found: list[tuple[list[Published], str]] = []
    for read in (lambda: _with_cqadupstack(read_pyserini(_pyserini_table())), lambda: read_paper(_PAPER)):
        try:
            found.append((read(), ""))
        except Problem as problem:
            found.append(([], problem.message))
    return found


def _pyserini_table() -> Path:
    """Found without running pyserini's own code, which takes seconds."""
    found = importlib.util.find_spec("pyserini")
    if found is None or not found.submodule_search_locations:
        raise Problem(
            f"pyserini is not installed, so its published BEIR figures are left out: {extras.get('pyserini')}."
        )
    return Path(next(iter(found.submodule_search_locations))) / "2cr" / "beir.yaml"


def read_pyserini(path: Path) -> list[Published]:
    """Every value of pyserini's table. Raises `Problem` where the file is missing or is laid out in another way."""
    import yaml

    version = _version("pyserini")
    try:
        with path.open("rb") as file:
            conditions = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["conditions"]
        return [
            Published(
                system=condition["name"],
                dataset=entry["dataset"],
                measure=measure,
                value=_value(value),
                source=f"pyserini {version}",
                notation=_CONDITIONS.get(condition["name"], ""),
            )
            for condition in conditions
            for entry in condition["datasets"]
            for scores in entry["scores"]
            for measure, value in scores.items()
        ]
    except OSError as error:
        raise Problem(
            f"pyserini's table of BEIR results cannot be read ({error.strerror}), so its figures are left out; "
            f"reinstall pyserini {version}.",
            detail=str(path),
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Problem(
            f"pyserini {version} lays out its table of BEIR results in a way that this program does not know, "
            "so its figures are left out.",
            detail=f"{path}: {type(error).__name__}: {error}",
        ) from error


def read_paper(path: Path) -> list[Published]:
    """The paper's figures. Raises `Problem` where the file is missing or damaged."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        plot, table = data["sources"]["plot"], data["sources"]["table"]
        systems = {system["name"]: system for system in data["system"]}
        rows = [
            _of_paper(system, dataset, measure, system[key], plot)
            for system in systems.values()
            for key, dataset, measure in (("zero_shot", AVERAGE, "nDCG@10"), ("in_domain", "msmarco", "RR@10"))
        ]
        rows += [
            _of_paper(systems[name], dataset, "nDCG@10", value, table)
            for name, values in data["datasets"].items()
            for dataset, value in values.items()
        ]
        card = data["sources"]["card"]
        rows += [
            Published(
                system=model.partition("/")[2],
                dataset="msmarco",
                measure="RR@10",
                value=_value(value),
                source=card["name"],
                notation=f"bm25 % 1000 >> {model}",
                family="cross-encoder",
                difference=card["difference"],
            )
            for model, value in data["card"].items()
        ]
        return rows
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise Problem(
            "the paper's figures cannot be read, so they are left out: reinstall zsr-tui.",
            detail=f"{path}: {type(error).__name__}: {error}",
        ) from error


def _of_paper(system: dict[str, Any], dataset: str, measure: str, value: object, source: dict[str, Any]) -> Published:
    return Published(
        system=system["name"],
        dataset=dataset,
        measure=measure,
        value=_value(value),
        source=source["name"],
        approximate=source["approximate"],
        notation=system.get("notation", ""),
        family=system["family"],
        parameters=system.get("parameters"),
        digits=3,
    )


def _with_cqadupstack(rows: list[Published]) -> list[Published]:
    """Adds what BEIR calls CQADupStack: the mean over its twelve forums."""
    forums: dict[tuple[str, str], list[Published]] = {}
    for row in rows:
        if row.dataset.startswith("cqadupstack-"):
            forums.setdefault((row.system, row.measure), []).append(row)
    return rows + [
        Published(
            system=system,
            dataset="cqadupstack",
            measure=measure,
            value=sum(row.value for row in members) / len(members),
            source=f"{members[0].source}, mean of {len(members)} forums",
            notation=members[0].notation,
        )
        for (system, measure), members in forums.items()
    ]


def _value(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{value!r} is no value of a measure")
    return float(value)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(unknown version)"
