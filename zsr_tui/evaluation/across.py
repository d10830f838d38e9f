"""Systems across datasets, as in the paper's main table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from zsr_tui.evaluation.results import Matrix

_IN_DOMAIN = ("msmarco-passage", "msmarco-document", "beir/msmarco")  # what the models were trained on
_EQUAL = 5e-5  # figures that are the same to four digits are equally good


def matrix(measure: str, means: Mapping[tuple[str, str], float | None]) -> Matrix:
    """From the mean of each (system, dataset), None where no query has a value. Rows and columns keep the order in
    which they come.

    Averages are over zero-shot datasets only (MS MARCO left out, as in BEIR), the same ones for every system that has
    an average: see `_compared`. Without MS MARCO or with fewer than three systems there is no correlation.
    """
    systems = list(dict.fromkeys(system for system, _ in means))
    datasets = list(dict.fromkeys(dataset for _, dataset in means))
    cells = [[means.get((system, dataset)) for dataset in datasets] for system in systems]
    common = _compared([[value is not None for value in row] for row in cells], list(map(is_in_domain, datasets)))
    averages = [_mean([row[column] for column in common]) for row in cells]
    domain = next((column for column, dataset in enumerate(datasets) if is_in_domain(dataset)), None)
    return Matrix(
        measure=measure,
        systems=tuple(systems),
        datasets=tuple(datasets),
        cells=tuple(map(tuple, cells)),
        averages=tuple(averages),
        common=tuple(datasets[column] for column in common),
        best=tuple(_best([row[column] for row in cells]) for column in range(len(datasets))),
        in_domain="" if domain is None else datasets[domain],
        correlation=None if domain is None else _correlation([row[domain] for row in cells], averages),
    )


def is_in_domain(dataset: str) -> bool:
    return any(dataset == name or dataset.startswith(f"{name}/") for name in _IN_DOMAIN)


def _compared(has: Sequence[Sequence[bool]], in_domain: Sequence[bool]) -> list[int]:
    """The datasets that averages are over: those that all systems have. Where there is none, because a system (a run
    file, say) was evaluated on one that others lack: the two or more that the most systems have, but at least two."""
    zero_shot = [column for column, domain in enumerate(in_domain) if not domain]

    def shared(rows: Sequence[Sequence[bool]]) -> list[int]:
        return [column for column in zero_shot if rows and all(row[column] for row in rows)]

    if by_all := shared(has):
        return by_all
    groups = [[row for row in has if row[one] and row[other]] for one, other in combinations(zero_shot, 2)]
    most = max(groups, key=lambda rows: (len(rows), len(shared(rows))), default=[])
    return shared(most) if len(most) > 1 else []


def _mean(values: Sequence[float | None]) -> float | None:
    """None unless all are known: a mean over fewer could not be compared."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def _best(column: Sequence[float | None]) -> tuple[int, ...]:
    top = max((value for value in column if value is not None), default=None)
    return tuple(
        row for row, value in enumerate(column) if value is not None and top is not None and top - value < _EQUAL
    )


def _correlation(in_domain: Sequence[float | None], zero_shot: Sequence[float | None]) -> float | None:
    """Kendall's tau-b over the systems that have both."""
    pairs = [
        (one, other) for one, other in zip(in_domain, zero_shot, strict=True) if one is not None and other is not None
    ]
    if len(pairs) < 3:
        return None
    from scipy.stats import kendalltau

    tau = float(kendalltau(*zip(*pairs, strict=True)).statistic)
    return None if tau != tau else tau
