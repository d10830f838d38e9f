"""Published figures beside those of an evaluation."""

from __future__ import annotations

from dataclasses import asdict

from zsr_tui.api.evaluations import PublishedFigure
from zsr_tui.decoding import converted
from zsr_tui.evaluation import comparable
from zsr_tui.evaluation.published import matches, published
from zsr_tui.evaluation.results import Evaluation


def published_figures(described: Evaluation) -> list[PublishedFigure]:
    """The published figures for each system and measure, the closest first; none for a system that they cannot be
    compared with (`zsr_tui.evaluation.comparable`)."""
    found, with_published = [], comparable.with_published(described)
    for measure in described.measures:
        figures = published(described.dataset, measure)
        for index, system in enumerate(described.systems):
            beside = system.source == "system" and with_published[index]
            for match in matches(system.notation, figures) if beside else ():
                one = match.published
                figure = asdict(one) | {"system": index, "name": one.system, "difference": match.difference}
                found.append(converted(figure, PublishedFigure))
    return found
