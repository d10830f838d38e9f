"""What a reader needs to repeat an evaluation: in words, as data, and as a file beside others."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.results import EvaluatedSystem, Evaluation, Summary
from zsr_tui.evaluation.significance import RESAMPLES, ROUNDS, SEED
from zsr_tui.numerals import counted

FILE = "provenance.json"  # in a folder of run files; NAME.csv has NAME.csv.provenance.json


def data(evaluation: Evaluation, summary: Summary | None = None) -> dict[str, Any]:
    """Everything, in JSON's types. `summary` says which tests were made; a run file knows of none."""
    made = evaluation.provenance
    said: dict[str, Any] = {
        "command": made.command,
        "date": made.date,
        "evaluation": evaluation.id,
        "dataset": evaluation.dataset,
        "fingerprints": dict(made.fingerprints),
        "queries": len(evaluation.queries),
        "subset": made.subset,
        "complete": evaluation.complete,
        "measures": list(evaluation.measures),
        "depth": made.depth,
        "self_hits_dropped": made.drop_self,
        "systems": [_system(system) for system in evaluation.systems],
        "devices": list(made.devices),
        "versions": dict(made.versions),
    }
    if summary is not None:
        said["significance"] = {
            "baseline": evaluation.systems[summary.baseline].notation,
            "test": summary.test,
            "rounds": ROUNDS if summary.test == "randomisation" else None,
            "correction": "Holm",
            "bootstrap_resamples": RESAMPLES,
            "seed": SEED,
        }
    return said


def as_json(evaluation: Evaluation, summary: Summary | None = None, *, indent: int | None = None) -> str:
    return json.dumps(data(evaluation, summary), ensure_ascii=False, indent=indent, allow_nan=False)


def as_file(evaluation: Evaluation, summary: Summary | None = None) -> bytes:
    """To lie beside files of a format that has no place for it, under the name `FILE`."""
    return (as_json(evaluation, summary, indent=1) + "\n").encode("utf-8", "replace")


def _system(system: EvaluatedSystem) -> dict[str, Any]:
    return {
        "system": system.notation,
        "source": system.source,
        "revisions": dict(system.revisions),
        "precision": system.precision,
        "run_file": asdict(system.run_file) if system.run_file else None,
        "self_hits_dropped": system.dropped_self,
        "failed": system.failed,
    }


def provenance(contents: Contents) -> list[tuple[str, str]]:
    """As names and values, in the order in which they are shown; nothing that is empty."""
    evaluation = contents.evaluation
    made = evaluation.provenance
    systems: list[tuple[str, str]] = []
    for system in evaluation.systems:
        revisions = ", ".join(f"{model} at {revision}" for model, revision in system.revisions.items())
        run = system.run_file
        facts = [fact for fact in (revisions, system.precision) if fact]
        if run:
            counts = (
                (run.missing_queries, "queries missing, counted as 0"),
                (run.unknown_queries, "unknown queries left out"),
                (run.unknown_documents or 0, "unknown documents"),
                (run.duplicates, "documents listed twice"),
                (run.rank_contradictions, "queries whose ranks contradict their scores"),
            )
            facts += [f"run file {run.path}", *(f"{count:,} {what}" for count, what in counts if count)]
        if system.dropped_self:
            facts.append(f"self-hits dropped in {counted(system.dropped_self, 'query', 'queries')}")
        systems.append((f"system {len(systems) + 1}", "; ".join([system.notation, *facts])))
    summary = contents.summary
    statistics = [
        f"paired {summary.test} test" + (f" with {ROUNDS:,} rounds" if summary.test == "randomisation" else ""),
        "Holm's correction",
        f"bootstrap with {RESAMPLES:,} resamples",
        f"seed {SEED}",
    ]
    rows = [
        ("command", made.command),
        ("date", made.date),
        ("dataset", evaluation.dataset),
        *((f"fingerprint of {dataset}", fingerprint) for dataset, fingerprint in made.fingerprints.items()),
        ("queries", f"{len(evaluation.queries):,}" + (f": {made.subset}" if made.subset else "")),
        ("depth of lists", f"{made.depth:,}"),
        ("self-hits", "dropped" if made.drop_self else "kept"),
        *systems,
        ("devices", ", ".join(made.devices)),
        ("baseline", evaluation.systems[summary.baseline].notation if len(evaluation.systems) > 1 else ""),
        ("significance", ", ".join(statistics)),
        ("versions", ", ".join(f"{name} {version}" for name, version in made.versions.items())),
        ("evaluation", evaluation.id),
    ]
    return [(name, value) for name, value in rows if value]
