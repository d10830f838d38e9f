"""Published figures beside those of a stored evaluation."""

from __future__ import annotations

from dataclasses import asdict

import msgspec

from zsr_tui.api.evaluations import PublishedFigure
from zsr_tui.evaluation import store
from zsr_tui.evaluation.published import matches, published


def published_figures(evaluation: str) -> list[PublishedFigure]:
    """The closest published figure for each system and measure; none for an evaluation of a part of the queries."""
    spec = store.find(evaluation).spec
    if spec.provenance.subset:
        return []
    found = []
    for measure in spec.measures:
        figures = published(spec.dataset, measure)
        for index, system in enumerate(spec.systems):
            for match in matches(system.notation, figures)[:1] if system.source == "system" else ():
                one = match.published
                figure = asdict(one) | {"system": index, "name": one.system, "difference": match.difference}
                found.append(msgspec.convert(figure, PublishedFigure))
    return found
