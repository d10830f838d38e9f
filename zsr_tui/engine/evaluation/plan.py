"""What an evaluation request means: datasets, queries, systems with their stages, run files, and the id of it all."""

from __future__ import annotations

import hashlib
import platform
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from zsr_tui import __version__, pipeline
from zsr_tui.api.requests import MOST_EVALUATED, EvaluateRequest, SystemHead
from zsr_tui.domain import RELEVANT, Problem, Query, relevant_from
from zsr_tui.engine import sent
from zsr_tui.engine.evaluation import notes, running
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.preparing.prepare import members
from zsr_tui.engine.systems import head
from zsr_tui.evaluation import store
from zsr_tui.evaluation.folder import FORMAT, Spec
from zsr_tui.evaluation.measures import unsuited
from zsr_tui.evaluation.naming import asked_measures
from zsr_tui.evaluation.results import EvaluatedQuery, EvaluatedSystem, Provenance, RunFileFacts, Stage
from zsr_tui.evaluation.runs import ImportedRun, read_run
from zsr_tui.evaluation.stored import Stored
from zsr_tui.numerals import counted
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.engines.records import State
from zsr_tui.retrieval.manifest import versions_of
from zsr_tui.scoring.devices import PRECISIONS
from zsr_tui.scoring.models import catalogue

_PACKAGES = ("pyserini", "faiss-cpu", "torch", "transformers", "sentence-transformers", "onnxruntime", "ir_measures")
_DOCUMENTS_AT_ONCE = 2_000
IN_SEVERAL = "# models ran in"  # of a command: no one --precision repeats it


@dataclass(frozen=True, slots=True)
class Plan:
    """An evaluation that is ready to run. `queries` are (corpus, query) in the order of the stored ones, `measures`
    those that were asked for (the stored evaluation has them while it is written, and may have more); `left_out` says
    why one is not among them, and what was damaged."""

    stored: Stored
    measures: tuple[str, ...]
    left_out: tuple[str, ...]
    queries: tuple[tuple[OpenCorpus, Query], ...]
    systems: tuple[pipeline.System | ImportedRun, ...]
    heads: tuple[SystemHead, ...]


def plan(library: Library, request: EvaluateRequest, cancel: CancelToken) -> Plan:
    """Raises `Problem` for anything that cannot be evaluated, before anything runs."""
    measures = dict.fromkeys(asked_measures(request.measures))
    corpora = [library.corpus(dataset) for dataset in members(request.dataset)]
    vectors = max(corpus.corpus.doc_count() for corpus in corpora)
    named = [pipeline.parse(head(notation).notation) for notation in request.systems]
    heads = [head(str(pipeline.resolved(system, vectors))) for system in named]  # a figure says how it was found
    imported = [sent.opened(path, lambda found: read_run(found, cancel)) for path in request.runs]
    if not 1 <= len(heads) + len(imported) <= MOST_EVALUATED:
        raise Problem(f"an evaluation takes 1 to {MOST_EVALUATED} systems, run files included.", usage=True)
    _refuse_twins([one.notation for one in heads], "the system {} is named twice: name it once.")
    _refuse_twins(
        [run.digest for run in imported], "two of the run files have the same content (sha256 {}): give it once."
    )
    chosen = [(corpus, query) for corpus in corpora for query in _chosen(corpus, request)]
    _check(request, corpora, chosen)
    queries = [EvaluatedQuery(one.id, one.text, corpus.id, dict(corpus.judgments(one.id))) for corpus, one in chosen]
    names, left_out = _measures(measures, request.depth, queries)
    longest = max(len(one.text) for _, one in chosen)
    stages = _Stages(max(request.depth, pipeline.CANDIDATES), longest)
    states = notes.states(library, heads)
    systems = [_system(library, stages, one, request.depth, states) for one in heads]
    systems += [
        _run_file(stages, run, sent.shown(path, run.path), request, corpora, queries, cancel)
        for path, run in zip(request.runs, imported, strict=True)
    ]
    fingerprints = {corpus.id: corpus.corpus.fingerprint() for corpus in corpora}
    key = {
        "format": FORMAT,
        "corpora": fingerprints,
        "queries": hashlib.sha256(msgspec.json.encode(queries, order="deterministic")).hexdigest(),
        "systems": [(system.notation, dict(system.revisions)) for system in systems if system.source == "system"],
        "runs": [run.digest for run in imported],
        "depth": request.depth,
        "drop_self": request.drop_self,
    }
    spec = Spec(
        id=store.evaluation_id(key),
        key=key,
        dataset=request.dataset,
        members=tuple(dict.fromkeys(corpus.id for corpus, _ in chosen)),
        measures=names,
        stages=tuple(stages.all),
        systems=tuple(systems),
        provenance=_provenance(library, request, heads, systems, fingerprints),
        notes=tuple(
            dict.fromkeys(
                [
                    *notes.of_data(request, corpora),
                    *notes.of_queries(queries),
                    *notes.of_runs(systems),
                    *notes.of_indexes(library, corpora, heads),
                    *notes.of_engines(states),
                    *notes.of_orders(heads),
                ]
            )
        ),
    )
    if not request.resume and (store.root() / spec.id).exists():
        if running.state(spec.id):
            raise Problem(f"the evaluation {spec.id} is running: stop it before it begins anew.")
        store.delete(spec.id)
    stored = store.create(spec, queries)
    mended = stored.mend()
    return Plan(
        stored,
        names,
        (*left_out, *filter(None, [mended])),
        tuple(chosen),
        (*(pipeline.parse(one.notation) for one in heads), *imported),
        (
            *heads,
            *(SystemHead(notation=one.notation, label=one.label, note="run file") for one in systems[len(heads) :]),
        ),
    )


def _measures(
    measures: Iterable[Any], depth: int, queries: Sequence[EvaluatedQuery]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those that lists of this depth and these judgments have, and why others are left out. Raises `Problem` where none
    is left."""
    grades = {grade for query in queries for grade in query.judgments.values()}
    names, left_out = [], []
    for measure in measures:
        cutoff = measure.params.get("cutoff", 0)
        reason = unsuited(measure, grades)
        if cutoff > depth:
            looks_at = counted(cutoff, "document")
            reason = f"looks at {looks_at} and the lists are cut at {depth:,} (--k {cutoff} keeps them)"
        if reason:
            left_out.append(f"{measure} {reason}: it is left out.")
        else:
            names.append(str(measure))
    if not names:
        raise Problem(f"{left_out[0].removesuffix(': it is left out.')}: choose another measure.", usage=True)
    return tuple(names), tuple(left_out)


def _refuse_twins(names: Sequence[str], sentence: str) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise Problem(sentence.format(name), usage=True)


def _chosen(corpus: OpenCorpus, request: EvaluateRequest) -> list[Query]:
    """The judged queries of the subset, in the dataset's order."""
    queries = corpus.judged_queries()
    if request.qids is not None:
        wanted = frozenset(request.qids)
        queries = [query for query in queries if query.id in wanted]
    typed = request.subset.casefold().strip()
    if typed:
        queries = [query for query in queries if typed in query.text.casefold()]
    return queries[: request.limit]


def _check(request: EvaluateRequest, corpora: Sequence[OpenCorpus], chosen: Sequence[tuple[OpenCorpus, Query]]) -> None:
    with_queries = {corpus.id for corpus, _ in chosen}
    filtered = request.qids is not None or bool(request.subset.strip())
    empty = [corpus.id for corpus in corpora if corpus.id not in with_queries]
    if empty and not filtered:
        raise Problem(
            f"{empty[0]} has no judged queries, so nothing can be measured on it: choose a dataset or split with "
            "judgments (zsr-tui corpora lists them).",
            usage=True,
        )
    if not chosen:
        raise Problem(f"no judged query of {request.dataset} is in the subset: choose another one.", usage=True)


class _Stages:
    """The stages of all systems, each once; `longest` is the number of characters of the longest query."""

    def __init__(self, deepest: int, longest: int) -> None:
        self._deepest, self._longest = deepest, longest
        self.all: list[Stage] = []

    def add(self, stage: Stage) -> int:
        for place, known in enumerate(self.all):
            if known.notation == stage.notation:
                return place
        self.all.append(stage)
        return len(self.all) - 1

    def path(self, system: pipeline.System, short: str = "") -> list[int]:
        """The stages of a system (without its last cuts), the first stage first. `short`: the queries that they get
        are shortened, and how."""
        if isinstance(system, pipeline.Cut):
            return self.path(system.source, short)
        if isinstance(system, pipeline.Rerank):
            characters = catalogue.recipe_of(system.model).query_characters
            if characters is not None and characters < self._longest and not pipeline.rerankers(system.source):
                before = self.path(system.source, f" (the query's first {characters} characters)")
            else:
                before = self.path(system.source)
            depth = min(pipeline.cut_of(system.source), pipeline.CANDIDATES)
            return [*before, self.add(Stage(str(system), "rerank", system.model, (before[-1],), depth))]
        if isinstance(system, pipeline.Fusion):
            inner = [self.path(inside, short) for inside in system.systems]
            sources = tuple(path[-1] for path in inner)
            fused = self.add(Stage(f"{system}{short}", "fuse", "", sources, pipeline.CANDIDATES))
            return [*dict.fromkeys(stage for path in inner for stage in path), fused]
        return [self.add(Stage(f"{system}{short}", "retrieve", getattr(system, "model", ""), (), self._deepest))]


def _system(
    library: Library, stages: _Stages, known: SystemHead, depth: int, states: Mapping[pipeline.Served, State]
) -> EvaluatedSystem:
    system = pipeline.parse(known.notation)
    path = stages.path(system)
    last = stages.all[path[-1]]
    if last.model:
        family = catalogue.describe(last.model).family
    else:
        fusion = pipeline.uncut(system)
        family = fusion.name if isinstance(fusion, pipeline.Fusion) else "bm25"
        if isinstance(fusion, pipeline.Served):
            family = fusion.kind
    return EvaluatedSystem(
        notation=known.notation,
        label=known.label,
        family=family,
        parameters=known.parameters,
        revisions={model: _told(library.scoring.fingerprint, model) for model in pipeline.models(system)}
        | {str(step): states[step].digest for step in pipeline.served(system)},
        precision=library.precision(system),
        stages=tuple(path),
        depth=min(depth, pipeline.cut_of(system)),
    )


def _told(fact: Callable[[str], str], model: str) -> str:
    """A fact of its weights; "" while they cannot be had: then the system fails by itself, with the reason."""
    try:
        return fact(model)
    except Problem:
        return ""


def _run_file(
    stages: _Stages,
    run: ImportedRun,
    path: str,
    request: EvaluateRequest,
    corpora: Sequence[OpenCorpus],
    queries: Sequence[EvaluatedQuery],
    cancel: CancelToken,
) -> EvaluatedSystem:
    # The digest keeps two files of one name apart.
    notation = f"run {run.path.name} ({run.digest[:8]})"
    listed = set(run.queries)
    known = {query.id for corpus in corpora for query in corpus.queries}
    unknown: set[str] = set(run.doc_ids)
    for corpus in corpora:
        ids = sorted(unknown)
        for start in range(0, len(ids), _DOCUMENTS_AT_ONCE):
            cancel.check()
            unknown -= corpus.docs(ids[start : start + _DOCUMENTS_AT_ONCE]).keys()
    return EvaluatedSystem(
        notation=notation,
        label=run.path.name,
        family="",
        parameters=None,
        source="run file",
        stages=(stages.add(Stage(notation, "run file", "", (), request.depth)),),
        depth=request.depth,
        run_file=RunFileFacts(
            path=path,
            missing_queries=sum(query.id not in listed for query in queries),
            unknown_queries=len(listed - known),
            unknown_documents=len(unknown),
            duplicates=run.duplicates,
            rank_contradictions=run.rank_contradictions,
        ),
    )


def repeating(command: str, systems: Iterable[EvaluatedSystem]) -> str:
    """With what the command itself does not say, and another machine may have otherwise."""
    precisions = sorted({each for system in systems for each in system.precision.split(" + ")} & {*PRECISIONS})
    if (least := relevant_from()) != RELEVANT and "--relevant-from" not in command:
        command += f" --relevant-from {least}"
    if "--precision" in command or not precisions or IN_SEVERAL in command:
        return command
    if len(precisions) == 1:
        return f"{command} --precision {precisions[0]}"
    return f"{command}  {IN_SEVERAL} {' and '.join(precisions)}, which devices like these choose without --precision"


def _provenance(
    library: Library,
    request: EvaluateRequest,
    heads: Sequence[SystemHead],
    systems: Sequence[EvaluatedSystem],
    fingerprints: dict[str, str],
) -> Provenance:
    words = ["zsr-tui", "evaluate", "--dataset", request.dataset]
    words += [word for one in heads for word in ("--system", one.notation)]
    words += [word for path in request.runs for word in ("--run", path)]
    words += [word for name in request.measures for word in ("--measure", name)]
    words += ["--k", str(request.depth)] + ["--keep-self"] * (not request.drop_self)
    words += ["--limit", str(request.limit)] * (request.limit is not None)
    words += ["--subset", f"text:{request.subset}"] * bool(request.subset)
    subset = []
    if request.qids is not None:
        subset.append(f"of {counted(len(request.qids), 'listed query', 'listed queries')}")
    if request.subset.strip():
        subset.append(f"with the text {request.subset.strip()!r}")
    if request.limit is not None:
        subset.append(f"the first {request.limit:,}")
    models = [model for one in heads for model in pipeline.models(pipeline.parse(one.notation))]
    return Provenance(
        command=repeating(request.command or shlex.join(words), systems),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={"zsr-tui": __version__, "Python": platform.python_version(), **versions_of(*_PACKAGES)},
        fingerprints=fingerprints,
        depth=request.depth,
        drop_self=request.drop_self,
        subset=", ".join(subset),
        devices=_devices(library, request.on, models),
    )


def _devices(library: Library, on: str, models: Sequence[str]) -> tuple[str, ...]:
    if on:
        return tuple(
            dict.fromkeys(f"{on} {found}" for model in models if (found := _told(library.scoring.precision, model)))
        )
    return tuple(dict.fromkeys(filter(None, (_told(library.scoring.device_label, model) for model in models))))
