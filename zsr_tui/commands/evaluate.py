"""zsr-tui evaluate: mean measures of systems over a dataset's judged queries, and TREC run files."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from zsr_tui.api.events import EvaluateFinished, QueryEvaluated, SystemResult
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.client.engine import Engine
from zsr_tui.commands.session import new_id, prepare, say, watched, with_engine
from zsr_tui.commands.table import table
from zsr_tui.evaluation.trec import RunFile


def run(
    dataset: str,
    systems: tuple[str, ...],
    *,
    measures: tuple[str, ...],
    limit: int | None,
    depth: int,
    keep_self: bool,
    run_dir: Path | None,
    as_json: bool,
) -> int:
    """Prints a table or JSON and returns the exit code."""
    runs = _Runs(run_dir)

    async def work(engine: Engine) -> tuple[SystemResult, ...]:
        notations = tuple([(await engine.system(system)).notation for system in systems])
        request = EvaluateRequest(
            id=new_id(),
            dataset=dataset,
            systems=notations,
            measures=measures,
            limit=limit,
            depth=depth,
            drop_self=not keep_self,
            rankings=run_dir is not None,
        )
        await prepare(engine, dataset, notations)
        results: tuple[SystemResult, ...] = ()
        async for event in watched(engine.evaluate(request)):
            if isinstance(event, QueryEvaluated):
                runs.write(dataset, event, notations)
            elif isinstance(event, EvaluateFinished):
                results = event.results
        return results

    try:
        results = with_engine(work)
        written = runs.finish()
    finally:
        runs.discard()
    if as_json:
        answer = {"dataset": dataset, "limit": limit, "depth": depth, "systems": msgspec.to_builtins(results)}
        print(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        print(_as_text(dataset, results, measures))
    for path in written:
        say(f"wrote {path}")
    return 0


class _Runs:
    """The run files of an evaluation: one for each system, in a folder for each member of a dataset with several."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: dict[tuple[str, int], RunFile] = {}

    def write(self, dataset: str, event: QueryEvaluated, systems: tuple[str, ...]) -> None:
        if self._folder is None:
            return
        key = (event.dataset, event.system)
        if key not in self._files:
            several = event.dataset.startswith(f"{dataset}/") and event.dataset.count("/") > 1
            folder = self._folder / event.dataset.rsplit("/", 1)[-1] if several else self._folder
            self._files[key] = RunFile(folder, systems[event.system])
        self._files[key].write(event.qid, event.ranking)

    def finish(self) -> list[Path]:
        return [file.finish() for file in self._files.values()]

    def discard(self) -> None:
        for file in self._files.values():
            file.discard()


def _as_text(dataset: str, results: tuple[SystemResult, ...], measures: tuple[str, ...]) -> str:
    rows = [
        [result.system, str(result.queries), *(f"{result.means[name]:.4f}" for name in result.means)]
        for result in results
    ]
    names = list(results[0].means) if results else list(measures)
    text = table(["system", "queries", *names], rows, right={index + 1 for index in range(len(names) + 1)})
    dropped = [f"{result.system}: self-hits dropped in {result.dropped_self} queries" for result in results]
    notes = [note for note, result in zip(dropped, results, strict=True) if result.dropped_self]
    return "\n".join([dataset, text, *notes])
