"""What a reader needs to repeat an evaluation, as names and values."""

from __future__ import annotations

from zsr_tui.evaluation.report.contents import Contents


def provenance(contents: Contents) -> list[tuple[str, str]]:
    """In the order in which it is shown; nothing that is empty."""
    evaluation = contents.evaluation
    made = evaluation.provenance
    systems: list[tuple[str, str]] = []
    for system in evaluation.systems:
        revisions = ", ".join(f"{model} at {revision}" for model, revision in system.revisions.items())
        run = system.run_file
        facts = [revisions] if revisions else []
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
            facts.append(f"self-hits dropped in {system.dropped_self:,} queries")
        systems.append((f"system {len(systems) + 1}", "; ".join([system.notation, *facts])))
    summary = contents.summary
    statistics = [
        f"paired {summary.test} test" + (f" with {summary.rounds:,} rounds" if summary.test == "randomisation" else ""),
        "Holm's correction",
        f"bootstrap with {summary.resamples:,} resamples",
        f"seed {summary.seed}",
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
        ("significance", ", ".join(statistics)),
        ("versions", ", ".join(f"{name} {version}" for name, version in made.versions.items())),
        ("evaluation", evaluation.id),
    ]
    return [(name, value) for name, value in rows if value]
