"""The paper's plot: effectiveness by model size."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from zsr_tui.evaluation import comparable
from zsr_tui.evaluation.comparison import member_mean
from zsr_tui.evaluation.plots.sized import Sized, of_average, of_dataset
from zsr_tui.evaluation.published import AVERAGE, published
from zsr_tui.evaluation.results import EvaluatedSystem, Evaluation, Matrix
from zsr_tui.plots import scale
from zsr_tui.plots.model import Plot, Point, Rule, Series

_ORGANISATION = re.compile(r"(?<![\w.-])[\w.-]+/(?=\w)")


def by_size(evaluation: Evaluation, measure: str) -> Plot:
    """For the evaluated dataset."""
    at = evaluation.measures.index(measure)
    systems = [
        _sized(name, system, member_mean(evaluation, measure, values))
        for name, system, values in zip(evaluation.names, evaluation.systems, evaluation.values[:, at], strict=True)
    ]
    return by_parameters([*systems, *of_dataset(evaluation, measure)], measure, evaluation.dataset)


def average(evaluation: Evaluation, matrix: Matrix) -> Plot:
    """For the average over the datasets that the systems of the matrix share; one at least."""
    own = zip(evaluation.names, evaluation.systems, strict=True)
    known = dict(zip(comparable.names(evaluation, matrix.measure), own, strict=True))
    systems = [
        _sized(*known[name], mean) if name in known else Sized(name, "other", None, mean)
        for name, mean in zip(matrix.systems, matrix.averages, strict=True)
        if mean is not None
    ]
    count = len(matrix.common)
    where = (
        f"the average of {count} datasets" if count > 1 else f"{matrix.common[0]}, the only dataset of these systems"
    )
    others = () if comparable.unlike_published(evaluation) else of_average(matrix.common, matrix.measure)
    return by_parameters([*systems, *others], matrix.measure, where)


def paper() -> Plot:
    """As the paper itself shows it, from its published figures."""
    systems = [
        Sized(each.system, each.family, each.parameters, each.value)
        for each in published(AVERAGE, "nDCG@10")
        if each.approximate
    ]
    return by_parameters(systems, "nDCG@10", "the average over BEIR (Rosa et al. 2022, approximate)")


def by_parameters(systems: Iterable[Sized], measure: str, where: str) -> Plot:
    """The paper's plot: effectiveness against the number of parameters (log axis), one line for each family, and a
    horizontal line for BM25 and whatever else has no parameters. Published figures are hollow points without a line,
    one series for each source. Values that are not numbers are left out."""
    known = [system for system in systems if math.isfinite(system.value)]
    sized = [system for system in known if system.parameters]
    groups: dict[tuple[str, str], list[Sized]] = {}
    for system in sorted(sized, key=lambda system: bool(system.source)):  # the measured ones first
        groups.setdefault((system.source, "" if system.source else system.family), []).append(system)
    short = _short(each.label for each in known)
    series = tuple(
        Series(
            name=_published_by(members) if source else family,
            points=tuple(
                Point(
                    float(each.parameters or 0),
                    each.value,
                    _about(short[each.label], each),
                    f"{each.label}: {scale.short(each.parameters or 0)} parameters, "
                    f"{measure} {_about(f'{each.value:.4f}', each)}" + (f", {source}" if source else ""),
                )
                for each in sorted(members, key=lambda member: (member.parameters or 0, member.value))
            ),
            line=not source,
            hollow=bool(source),
            number=number,
        )
        for number, ((source, family), members) in enumerate(groups.items())
    )
    rules = tuple(
        Rule(system.label, system.value, f"{system.label} {system.value:.3f}")
        for system in known
        if not system.parameters
    )
    return Plot(
        title=f"{measure} by model size, {where}",
        about=_in_words(known, measure, where),
        x=scale.logarithmic("parameters", (float(system.parameters or 0) for system in sized)),
        y=scale.linear(measure, (system.value for system in known), least=scale.LEAST),
        series=series,
        rules=rules,
    )


def _short(labels: Iterable[str]) -> dict[str, str]:
    """What a point is called where there is little room: a reranking system by its reranker, a model without its
    organisation, if no other is called so."""
    ends = {label: _ORGANISATION.sub("", label.rsplit(" >> ", 1)[-1]) for label in labels}
    taken = Counter(ends.values())
    return {label: end if taken[end] == 1 else label for label, end in ends.items()}


def _published_by(members: Sequence[Sized]) -> str:
    about = "≈ approximate; " if any(each.approximate for each in members) else ""
    return f"published: {about}{members[0].source}"


def _about(text: str, system: Sized) -> str:
    return f"≈{text}" if system.approximate else text


def _in_words(systems: Sequence[Sized], measure: str, where: str) -> str:
    said = "; ".join(
        f"{system.label} {_about(f'{system.value:.3f}', system)}"
        + (f" with {scale.short(system.parameters)} parameters" if system.parameters else "")
        + (f" (published: {system.source})" if system.source else "")
        for system in sorted(systems, key=lambda system: -system.value)
    )
    return f"{measure} on {where}, best first: {said}." if said else f"Nothing was measured on {where}."


def _sized(label: str, system: EvaluatedSystem, value: float) -> Sized:
    return Sized(label, system.family or "run file", system.parameters, value)
