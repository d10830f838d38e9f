"""Which two of Compare's lists have scorers that can be held against each other."""

from __future__ import annotations

from zsr_tui import pipeline
from zsr_tui.ui.compare.session import SearchSession

NEEDED = "Two lists that end in a model are needed, and not the same one: the reference and the one that you are in."


def scorers(session: SearchSession, reference: int, active: int) -> tuple[str, str] | str:
    """The systems of A and B: of the reference list and the active one, else of the first two whose last models are
    others. Or why there are none."""
    models = {number: model for number, each in enumerate(session.lists) if (model := _scorer(each.head.notation))}
    for a, b in ((reference, active), *((one, other) for one in models for other in models if one < other)):
        if a in models and b in models and models[a] != models[b]:
            return models[a], models[b]
    return NEEDED


def _scorer(notation: str) -> str:
    """The model that makes a system's scores, "" where it ends in none."""
    try:
        system = pipeline.uncut(pipeline.parse(notation))
    except pipeline.NotationError:  # the list itself says what is wrong
        return ""
    match system:
        case pipeline.Rerank(_, model) | pipeline.Encoded(model):
            return model
    return ""
