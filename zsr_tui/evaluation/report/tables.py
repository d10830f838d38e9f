"""The tables of a report, from the records of an evaluation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from zsr_tui.domain import LEVEL
from zsr_tui.evaluation import comparable, significance
from zsr_tui.evaluation.published import Published, matches, published
from zsr_tui.evaluation.reach import reaches
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.fused import combinations_table, sweep_table
from zsr_tui.evaluation.report.table import DOWN, UP, Cell, Column, Table
from zsr_tui.evaluation.results import Against, Breakdown, Evaluation, Matrix
from zsr_tui.numerals import counted, p_value, signed, value
from zsr_tui.plots.scale import short

_SYSTEM = Column("system", number=False)
TESTS = {"t": "paired t-test", "randomisation": "paired randomisation test"}


def counts_judgments(measure: str) -> bool:
    """It says how much of a list was judged, so that a higher value is no better one."""
    return measure.startswith("Judged")


def report_tables(contents: Contents) -> list[Table]:
    """Every table of the report but those of single queries."""
    shown = contents.evaluation.names
    found = [
        summary_table(contents),
        *difference_tables(contents),
        combinations_table(contents.combinations) if contents.combinations else None,
        unjudged_table(contents),
        published_table(contents),
        depth_table(contents),
        *map(sweep_table, contents.sweeps),
        classes_table(contents),
        *(breakdown_table(each, shown) for each in contents.breakdowns),
        matrix_table(contents.matrix) if contents.matrix else None,
    ]
    return [table for table in found if table is not None and table.rows]


def summary_table(contents: Contents) -> Table:
    """A row for each system: its size, every measure, and what it costs."""
    evaluation, summary = contents.evaluation, contents.summary
    shown = evaluation.names
    best = {measure: _best(row.cells[measure].mean for row in summary.rows) for measure in evaluation.measures}
    rows = []
    for row in summary.rows:
        system = evaluation.systems[row.system]
        cells = [Cell(shown[row.system]), _count(system.parameters)]
        for measure in evaluation.measures:
            cell = row.cells[measure]
            if counts_judgments(measure):
                cells.append(_number(cell.mean))
            else:
                cells.append(Cell(value(cell.mean), _same(cell.mean, best[measure]), _mark(cell.against), cell.mean))
        cells.append(Cell(system.precision or "–"))
        rows.append((*cells, _decimal(system.cost.ms_per_query), _decimal(system.cost.pairs_per_second)))
    notes = [
        f"Bold: best of the column. {UP} {DOWN}: significantly better or worse than {shown[summary.baseline]} "
        f"({TESTS[summary.test]}, p < {LEVEL} after Holm's correction over the systems).",
    ] * (len(summary.rows) > 1)
    notes += [f"{shown[at]}: {each.failed}" for at, each in enumerate(evaluation.systems) if each.failed]
    every = len(evaluation.queries)
    notes += [
        f"{shown[row.system]} counts {row.queries:,} of {counted(every, 'query', 'queries')}."
        for row in summary.rows
        if row.queries != every and not evaluation.systems[row.system].failed
    ]
    columns = [
        _SYSTEM,
        Column("parameters"),
        *(Column(measure) for measure in evaluation.measures),
        Column("precision", number=False, about="in which its models ran"),
        Column("ms/query", about="milliseconds per query, of all stages"),
        Column("pairs/s", about="query-document pairs per second of the rerankers"),
    ]
    return Table("Results", tuple(columns), tuple(rows), tuple(notes))


def difference_tables(contents: Contents) -> list[Table]:
    """Each measure's difference to the baseline, with everything that says what it is worth."""
    evaluation, summary = contents.evaluation, contents.summary
    shown = evaluation.names
    columns = (
        _SYSTEM,
        Column("difference"),
        Column("95% interval", about="bootstrap confidence interval of the mean difference"),
        Column("p"),
        Column("p (Holm)", about="adjusted over the systems"),
        Column("effect", about="Cohen's d_z: mean difference over the standard deviation of the differences"),
        Column("win"),
        Column("tie"),
        Column("loss"),
        Column("queries"),
    )
    tables = []
    for measure in filter(lambda name: not counts_judgments(name), evaluation.measures):
        rows = [
            (Cell(shown[row.system]), *_against(against))
            for row in summary.rows
            if (against := row.cells[measure].against) is not None
            and all(reaches(evaluation.systems[each], measure) for each in (row.system, summary.baseline))
        ]
        if rows:
            notes = (
                f"{TESTS[summary.test].capitalize()}"
                + (f", {significance.ROUNDS:,} rounds" if summary.test == "randomisation" else "")
                + f"; bootstrap with {significance.RESAMPLES:,} resamples; seed {significance.SEED}.",
            )
            tables.append(Table(f"{measure}: difference to {shown[summary.baseline]}", columns, tuple(rows), notes))
    return tables


def unjudged_table(contents: Contents) -> Table:
    """What each mean would be without the unjudged documents, and at most."""
    evaluation = contents.evaluation
    columns = [_SYSTEM]
    rows = [[Cell(evaluation.names[row.system])] for row in contents.summary.rows]
    for measure in sorted(evaluation.measures, key=counts_judgments, reverse=True):
        of_systems = [row.cells[measure] for row in contents.summary.rows]
        shown = {measure: [cell.mean for cell in of_systems]}
        if not counts_judgments(measure):
            shown["condensed"] = [cell.condensed for cell in of_systems]
            shown["at most"] = [cell.maximum for cell in of_systems]
        for name, values in shown.items():
            if name != "at most" or any(map(math.isfinite, values)):
                columns.append(Column(name))
                for row, number in zip(rows, values, strict=True):
                    row.append(_number(number))
    notes = (
        "A measure counts unjudged documents as not relevant. Condensed: the lists without their unjudged "
        "documents; those below move up, so it can be above the bound. At most: the largest value that any grades "
        "of the unjudged documents above the cutoff give; not known for every measure.",
    )
    return Table("What unjudged documents could change", tuple(columns), tuple(map(tuple, rows)), notes)


def matrix_table(matrix: Matrix) -> Table:
    """Systems by datasets, as the paper's main table."""
    columns = (
        _SYSTEM,
        *(Column(dataset.removeprefix("beir/").removesuffix("/test")) for dataset in matrix.datasets),
        Column("average"),
    )
    top = _best([each for each in matrix.averages if each is not None])
    rows = tuple(
        (
            Cell(system),
            *(
                Cell(value(cell, 3), number in best, order=cell)
                for cell, best in zip(matrix.cells[number], matrix.best, strict=False)
            ),
            Cell(value(matrix.averages[number], 3), _same(matrix.averages[number], top), order=matrix.averages[number]),
        )
        for number, system in enumerate(matrix.systems)
    )
    notes = []
    if matrix.common:
        lacking = " A system that lacks one of them has no average." if None in matrix.averages else ""
        notes.append(f"Average over {counted(len(matrix.common), 'dataset')}: {', '.join(matrix.common)}.{lacking}")
    if matrix.correlation is not None:
        notes.append(
            f"Order in domain ({matrix.in_domain}) against zero-shot: Kendall's tau-b {value(matrix.correlation, 3)}."
        )
    return Table(f"{matrix.measure} across datasets", columns, rows, tuple(notes))


def breakdown_table(breakdown: Breakdown, shown: Sequence[str]) -> Table:
    """A column for each group of queries, the number of its queries on top."""
    groups, missing = breakdown.feature.groups, breakdown.feature.missing
    columns = (_SYSTEM, *(Column(group.label) for group in groups))
    counts = (Cell("queries"), *(Cell(f"{len(group.queries):,}", order=len(group.queries)) for group in groups))
    compared = [_compared(means) for means in breakdown.means]
    rows = [(Cell(name), *(cells[system] for cells in compared)) for system, name in enumerate(shown)]
    notes = (f"{counted(missing, 'query without it is', 'queries without it are')} left out.",) if missing else ()
    return Table(breakdown.title, columns, (counts, *rows), notes)


def depth_table(contents: Contents) -> Table | None:
    """The main measure at each rerank depth."""
    if not contents.curves:
        return None
    depths = sorted(set().union(*contents.curves.values()))
    shown = contents.evaluation.names
    rows = []
    for system, by_depth in contents.curves.items():
        rows.append((Cell(shown[system]), *_compared(by_depth.get(depth, math.nan) for depth in depths)))
    columns = (_SYSTEM, *(Column(f"{depth:,}") for depth in depths))
    return Table(f"{contents.measure} by rerank depth", columns, tuple(rows), ("Bold: the best depth of each system.",))


def classes_table(contents: Contents) -> Table | None:
    """How often each class of failure happened to each system."""
    if not contents.classes:
        return None
    columns = (
        Column("class", number=False),
        *(Column(name) for name in contents.evaluation.names),
        Column("meaning", number=False),
    )
    rows = tuple(
        (
            Cell(outcome.label),
            *(Cell("–" if count is None else f"{count:,}", order=count) for count in counts),
            Cell(outcome.about),
        )
        for outcome, counts in contents.classes.items()
    )
    dashes = any(None in counts for counts in contents.classes.values())
    notes = ("–: it cannot happen to this system, which has no reranker or did not run.",) if dashes else ()
    return Table("What happened to the documents", columns, rows, notes)


def published_table(contents: Contents) -> Table | None:
    """Published figures for the dataset, each system beside the one that it was published for."""
    evaluation = contents.evaluation
    figures = {measure: published(evaluation.dataset, measure) for measure in evaluation.measures}
    measures = [measure for measure, rows in figures.items() if rows]
    if not measures:
        return None
    every = [figure for measure in measures for figure in figures[measure]]
    with_published, unlike = comparable.with_published(evaluation), comparable.unlike_published(evaluation)
    rows = []
    for source, name in dict.fromkeys((figure.source, figure.system) for figure in every):
        own = {figure.measure: figure for figure in every if (figure.source, figure.system) == (source, name)}
        for system, difference in _measured(evaluation, list(own.values())):
            cells = [Cell(name), Cell("–" if system is None else evaluation.names[system])]
            for measure in measures:
                figure = own.get(measure)
                mean = math.nan if system is None else contents.summary.rows[system].cells[measure].mean
                beside = figure is not None and system is not None and with_published[system]
                delta = mean - figure.value if figure and beside else math.nan
                cells.append(Cell(_figure(figure), order=figure.value) if figure else Cell("–"))
                cells += [_number(mean), Cell(signed(delta), order=delta)]
            rows.append((*cells, Cell(f"{source}; {difference}" if difference else source)))
    columns = [Column("published system", number=False), Column("measured system", number=False)]
    for measure in measures:
        columns += [Column(f"{measure} published"), Column("measured"), Column("difference")]
    columns.append(Column("source", number=False))
    notes = ["≈: read off a plot, to about 0.001."] if any(figure.approximate for figure in every) else []
    if evaluation.provenance.subset:
        part = f"the measured ones {unlike}"
        notes.append(f"Published figures are over all queries, {part}. So there is no difference.")
    elif unlike:
        notes.append(f"The measured figures are {unlike}. So there is no difference.")
    elif not with_published.all():
        notes.append("A system that has not run every query has no difference: published figures are over all of them.")
    return Table("Published figures", tuple(columns), tuple(rows), tuple(notes))


def _measured(evaluation: Evaluation, figures: Sequence[Published]) -> list[tuple[int | None, str]]:
    """The systems that a published one's figures are for, with what differs; (None, "") where there is none."""
    found: list[tuple[int | None, str]] = []
    for index, system in enumerate(evaluation.systems):
        for match in (matches(system.notation, figures) if system.source == "system" else [])[:1]:
            found.append((index, match.difference))
    return found or [(None, "")]


def _figure(figure: Published) -> str:
    """With the digits that were published."""
    return f"{'≈ ' if figure.approximate else ''}{figure.value:.{figure.digits}f}"


def _against(against: Against) -> tuple[Cell, ...]:
    low, high = against.interval
    interval = f"{signed(low)} … {signed(high)}" if math.isfinite(low) and math.isfinite(high) else "–"
    return (
        Cell(signed(against.difference), mark=_mark(against), order=against.difference),
        Cell(interval, order=low),
        Cell(p_value(against.p), order=against.p),
        Cell(p_value(against.p_holm), against.significant, order=against.p_holm),
        Cell(signed(against.effect, 2), order=against.effect),
        *(Cell(f"{n:,}", order=n) for n in (against.wins, against.ties, against.losses, against.queries)),
    )


def _mark(against: Against | None) -> str:
    if against is None or not against.significant:
        return ""
    return UP if against.difference > 0 else DOWN


def _best(values: Iterable[float]) -> float:
    """The largest number; nan where there is nothing to choose from."""
    known = {f"{each:.4f}": each for each in values if math.isfinite(each)}
    return max(known.values()) if len(known) > 1 else math.nan


def _compared(numbers: Iterable[float]) -> list[Cell]:
    """With the best of them in bold."""
    known = list(numbers)
    best = _best(known)
    return [Cell(value(number), _same(number, best), order=number) for number in known]


def _same(number: float | None, best: float) -> bool:
    """Equal as printed: both are set in bold."""
    return number is not None and math.isfinite(best) and f"{number:.4f}" == f"{best:.4f}"


def _number(number: float) -> Cell:
    return Cell(value(number), order=number)


def _count(number: int | None) -> Cell:
    return Cell("–" if number is None else short(number), order=number)


def _decimal(number: float | None) -> Cell:
    return Cell("–" if number is None else f"{number:,.0f}" if number >= 100 else f"{number:.1f}", order=number)
