"""zsr-tui evaluate: systems and run files over a dataset's judged queries, compared with a baseline."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zsr_tui.api.evaluations import (
    CellView,
    CombinationsView,
    EvaluationView,
    ReadCombinations,
    ReadEvaluation,
    ReadSweep,
    SweepView,
    SystemView,
    Test,
)
from zsr_tui.api.events import EvaluateFinished, EvaluationStarted, SystemFailed
from zsr_tui.api.judging import judged_id, parse_sources
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.client.reports import EXPLAINED, KEPT, Written, check_report, save_report
from zsr_tui.commands import subset
from zsr_tui.commands.combining import combinations_text, combined, sweep_text
from zsr_tui.commands.runs import check_folder, save_runs
from zsr_tui.commands.session import new_id, notations, prepare, watched, with_engine
from zsr_tui.commands.table import print_json, room, table, wrapped
from zsr_tui.domain import LEVEL, Problem
from zsr_tui.edge import say
from zsr_tui.numerals import counted
from zsr_tui.progress import Forecast
from zsr_tui.text import flat, shorten_middle

Combined = tuple[CombinationsView | None, list[SweepView]]


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    dataset: str
    systems: tuple[str, ...]
    runs: tuple[Path, ...]
    measures: tuple[str, ...]
    baseline: str
    test: Test
    subset: str
    limit: int | None
    depth: int
    resume: bool
    reports: tuple[Path, ...]
    spreadsheet: bool
    explain: bool
    run_dir: Path | None
    force: bool
    keep_self: bool
    as_json: bool
    retrievers: tuple[str, ...] = ()
    rerankers: tuple[str, ...] = ()  # of each retriever's first `rerank_depth`
    rerank_depth: int = 100
    judgments: str = "dataset"  # the sources that count, the first one first
    notes: bool = False  # reports have what was judged and noted
    sweeps: tuple[str, ...] = ()  # fused pairs whose weight is swept
    on: str = ""  # the Ray cluster that runs the models


def run(options: Options) -> int:
    """Prints a table or JSON. The exit code is 1 where a system could not finish."""
    for path in options.reports:
        check_report(path, replace=options.force)
    if options.run_dir is not None and not options.force:
        check_folder(options.run_dir)
    if options.spreadsheet and not any(path.suffix.casefold() == ".csv" for path in options.reports):
        raise Problem("--spreadsheet is for a .csv report: name one with --report, or leave it out.", usage=True)
    if options.explain and not any(path.suffix.casefold() in EXPLAINED for path in options.reports):
        named = ", ".join(EXPLAINED)
        raise Problem(f"--explain is for a report of {named}: name one with --report, or leave it out.", usage=True)
    if options.notes and not any(path.suffix.casefold() in KEPT for path in options.reports):
        named = " or ".join(KEPT)
        raise Problem(f"--notes is for a report of {named}: name one with --report, or leave it out.", usage=True)
    sources = parse_sources(options.judgments)
    chosen = subset.parse(options.subset)
    limit = min(filter(None, (options.limit, chosen.first)), default=None)  # both are at least 1

    forecasts, notes, unwritten = list[Forecast](), list[str](), list[Problem]()

    async def work(engine: EngineApi) -> tuple[EvaluateFinished, EvaluationView, list[Written], Combined] | None:
        named = await notations(engine, options.systems)
        if options.retrievers:
            some = await combined(engine, options.retrievers, options.rerankers, options.rerank_depth)
            named = tuple(dict.fromkeys((*named, *some)))
        runs = tuple(str(path.expanduser().resolve()) for path in options.runs)
        baseline = await _baseline(engine, options.baseline, named, options.runs)
        request = EvaluateRequest(
            id=new_id(),
            dataset=options.dataset,
            systems=named,
            measures=options.measures,
            limit=limit,
            depth=options.depth,
            drop_self=not options.keep_self,
            runs=runs,
            subset=chosen.text,
            qids=chosen.qids,
            resume=options.resume,
            per_query=False,
            command=shlex.join(["zsr-tui", *sys.argv[1:]]),
            on=options.on,
        )
        said = await prepare(engine, options.dataset, named, options.on, forecasts, notes=notes)
        finished: EvaluateFinished | None = None
        failed = set[str]()
        try:
            async for event in watched(engine.stream(request), forecasts):
                match event:
                    case EvaluationStarted():
                        _say_started(event, notes)
                    case SystemFailed(system=system, problem=problem):
                        name = [*named, *runs][system]
                        failed.add(problem.message)
                        if said.get(name) != problem.message:
                            say(f"{name}: {problem.message}")
                    case EvaluateFinished():
                        finished = event
        except Problem as problem:
            if problem.message in failed:  # no system is left, and why has been said
                return None
            raise
        if finished is None:
            raise Problem("the evaluation ended without a result: run the same command again, it goes on.")
        id = judged_id(finished.evaluation, sources)
        measure = next((name for result in finished.results for name in result.means), "")
        view = await engine.call(ReadEvaluation(id=id, baseline=baseline, test=options.test))
        _check_whole(view)
        written = list[Written]()
        for path in options.reports:
            with _kept(unwritten):
                report = await save_report(
                    engine,
                    path.expanduser().resolve(),
                    id,
                    baseline=baseline,
                    test=options.test,
                    measure=measure,
                    spreadsheet=options.spreadsheet,
                    explain=options.explain,
                    kept=options.notes,
                    replace=options.force,
                )
                written.append(report)
        if options.run_dir is not None:
            with _kept(unwritten):
                runs_made = await save_runs(engine, finished.evaluation, options.run_dir, replace=options.force)
                written += map(Written, runs_made)
        grid = None
        if options.rerankers:
            grid = await engine.call(ReadCombinations(id=id, measure=measure, test=options.test))
        sweeps = [await engine.call(ReadSweep(id=id, fusion=each, measure=measure)) for each in options.sweeps]
        return finished, view, written, (grid, sweeps)

    done = with_engine(work)
    if done is None:
        return 1
    finished, view, written, (grid, sweeps) = done
    results = finished.results
    measured = list(dict.fromkeys(name for result in results for name in result.means))
    for note in (*finished.notes, *(view.lacking[name] for name in measured if name in view.lacking)):
        say(note)
    if options.as_json:
        facts = {"dataset": options.dataset, "limit": limit, "depth": options.depth}
        more: dict[str, object] = {"combinations": grid} if grid else {}
        if forecasts:
            more["forecasts"] = forecasts
        print_json({**facts, "systems": results, "evaluation": view, **more, **({"sweeps": sweeps} if sweeps else {})})
    else:
        print(_as_text(options, view, measured))
        for text in (*([combinations_text(grid)] if grid else []), *map(sweep_text, sweeps)):
            print(f"\n{text}")
    for each in written:
        say(f"wrote {each.path}")
        if warning := each.warning("--spreadsheet writes such texts with an apostrophe before them"):
            say(warning)
    for problem in unwritten:
        say(problem.message)
    return max((each.exit_code for each in unwritten), default=int(any(result.failed for result in results)))


@contextmanager
def _kept(unwritten: list[Problem]) -> Iterator[None]:
    """A file that cannot be written does not take the table along, which was measured."""
    try:
        yield
    except Problem as problem:
        unwritten.append(problem)


async def _baseline(engine: EngineApi, name: str, systems: tuple[str, ...], runs: tuple[Path, ...]) -> int:
    """The place of the baseline: given as a place from 1, a run file, or a system."""
    if name.isdigit() and 1 <= int(name) <= len(systems) + len(runs):
        return int(name) - 1
    for place, path in enumerate(runs):
        if name in (str(path), path.name):
            return len(systems) + place
    try:
        (notation,) = await notations(engine, (name,))
    except Problem:
        notation = ""
    if notation not in systems:
        raise Problem(
            f"the baseline {name!r} is none of the systems: give one of them, or its place from 1 to "
            f"{len(systems) + len(runs)}.",
            usage=True,
        )
    return systems.index(notation)


def _check_whole(view: EvaluationView) -> None:
    """Raises `Problem` where a system that has not failed lacks queries: no figure is over a part of them."""
    for one in view.systems:
        if not one.failed and one.queries < view.item.queries:
            every = counted(view.item.queries, "query", "queries")
            raise Problem(
                f"{flat(one.notation)} has been run on {one.queries:,} of {every}: another program has changed the "
                "stored evaluation meanwhile; run the same command again, it goes on."
            )


def _say_started(event: EvaluationStarted, said: list[str]) -> None:
    for note in event.notes:
        if note not in said:
            say(note)
    if event.done == event.queries:
        say(f"this evaluation is finished and stored ({event.evaluation}); --no-resume runs it anew")
    elif event.done:
        every = counted(event.queries, "query", "queries")
        say(f"going on: {event.done:,} of {every} finished; --no-resume begins anew")


def _as_text(options: Options, view: EvaluationView, names: list[str]) -> str:
    """`names` are the measures that were asked for: the stored evaluation may have more."""
    subset = f" ({flat(view.item.subset)})" if view.item.subset else ""
    called, legend = _called(view.systems)
    lines = [f"{flat(options.dataset)}: {counted(view.item.queries, 'query', 'queries')}{subset}", *legend]
    lines += [_means(view, called, names), *_too_deep(view, names), *_judged(view)]
    if len(view.systems) > 1:
        lines += ["", *_differences(view, called, names[0])]
    lines += [
        wrapped(f"{flat(one.notation)}: self-hits dropped in {counted(one.dropped_self, 'query', 'queries')}")
        for one in view.systems
        if one.dropped_self
    ]
    return "\n".join(lines)


def _called(systems: Sequence[SystemView]) -> tuple[list[str], list[str]]:
    """What each system is called in the tables, and lines that say so: on a terminal, names that would take too much of
    it are cut in their middle, with the system's place before them."""
    names = [flat(one.notation) for one in systems]
    columns = room()
    widest = columns * 3 // 8 if columns else None
    if widest is None or max(map(len, names)) <= widest:
        return names, []
    places = [f"{place} " for place in range(1, len(names) + 1)]
    short = [place + shorten_middle(name, widest - len(place)) for place, name in zip(places, names, strict=True)]
    legend = [wrapped(place + name, len(place)) for place, name in zip(places, names, strict=True)]
    return short, [*legend, ""]


def _means(view: EvaluationView, called: Sequence[str], names: Sequence[str]) -> str:
    kept = [name for name in names if any(name not in one.beyond for one in view.systems)]
    rows = [
        [
            name,
            one.precision,
            _queries(one),
            *("–" if measure in one.beyond and not one.failed else _both(one.cells[measure]) for measure in kept),
            _figure(one.ms_per_query, 1),
            _figure(one.pairs_per_second, 1),
        ]
        for name, one in zip(called, view.systems, strict=True)
    ]
    header = ["system", "precision", "queries", *kept, "ms/query", "pairs/s"]
    return table(header, rows, right=set(range(2, len(header))))


def _both(cell: CellView) -> str:
    """`0.5330 (0.4890)` where other judgments give another value."""
    mean, beside = _figure(cell.mean), _figure(cell.beside)
    return f"{mean} ({beside})" if beside and beside != mean else mean


def _judged(view: EvaluationView) -> list[str]:
    """Whose judgments the figures are over, where there are others than the dataset's."""
    if not view.beside:
        return []
    counts = ", ".join(f"{view.judgments.get(source, 0):,} {source}" for source in view.counting)
    beside = f"; in brackets over {'+'.join(view.beside)}, where that differs"
    return [wrapped(f"over the judgments of {'+'.join(view.counting)} ({counts}){beside}")]


def _too_deep(view: EvaluationView, names: Sequence[str]) -> list[str]:
    """A sentence for each system whose lists are too short for a measure."""
    lines = []
    for one in view.systems:
        if deeper := [name for name in names if name in one.beyond]:
            about = f"its lists have {counted(one.depth, 'document')}"
            lines.append(wrapped(f"no {', '.join(deeper)} of {flat(one.notation)}: {about}"))
    return lines


def _queries(one: SystemView) -> str:
    """How many it answered, and that it failed if it did."""
    if not one.failed:
        return f"{one.queries:,}"
    return f"failed after {one.queries:,}" if one.queries else "failed"


def _differences(view: EvaluationView, called: Sequence[str], measure: str) -> list[str]:
    """The first measure in detail."""
    test = "paired t-test" if view.test == "t" else f"randomisation test, {view.rounds:,} rounds"
    baseline = called[view.baseline]
    head = wrapped(f"{measure} against {baseline} ({test}; p after Holm-Bonferroni, * below {LEVEL})")
    header = ["system", "difference", "95 % interval", "p", "d_z", "win/tie/loss", "condensed", "at most"]
    rows = [[name, *_difference(one.cells[measure])] for name, one in zip(called, view.systems, strict=True)]
    return [head, table(header, rows, right=set(range(1, len(header))))]


def _difference(cell: CellView) -> list[str]:
    bounds = [_figure(cell.condensed), _figure(cell.maximum)]
    if cell.difference is None:
        return [*("" for _ in range(5)), *bounds]
    star = "*" if cell.p_holm is not None and cell.p_holm < LEVEL else " "
    interval = "" if cell.low is None else f"{cell.low:+.4f} {cell.high:+.4f}"
    return [
        f"{cell.difference:+.4f}",
        interval,
        f"{'<0.0001' if cell.p_holm is not None and cell.p_holm < 0.0001 else _figure(cell.p_holm)}{star}",
        _figure(cell.effect, 2),
        f"{cell.wins}/{cell.ties}/{cell.losses}",
        *bounds,
    ]


def _figure(value: float | None, digits: int = 4) -> str:
    return "" if value is None else f"{value:.{digits}f}"
