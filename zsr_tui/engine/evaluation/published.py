"""Published figures beside those of a stored evaluation."""

from __future__ import annotations

from dataclasses import asdict

from zsr_tui.api.evaluations import PublishedFigure
from zsr_tui.decoding import converted
from zsr_tui.evaluation import store
from zsr_tui.evaluation.published import matches, published


def published_figures(evaluation: str) -> list[PublishedFigure]:
    """The published figures for each system and measure, the closest first; none for a system that has been run on a
    part of the queries."""
    described = store.find(evaluation).evaluation()
    found = []
    for measure in described.measures:
        figures = published(described.dataset, measure)
        for index, system in enumerate(described.systems):
            comparable = system.source == "system" and described.whole[index]
            for match in matches(system.notation, figures) if comparable else ():
                one = match.published
                figure = asdict(one) | {"system": index, "name": one.system, "difference": match.difference}
                found.append(converted(figure, PublishedFigure))
    return found
