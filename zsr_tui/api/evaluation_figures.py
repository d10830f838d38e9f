"""What is drawn or looked up beside a stored evaluation.

    GET /evaluation/plot?id=&name=&measure=&width=&height=  -> Drawn; `name` is one of PLOTS
    GET /evaluation/published?id=                           -> list[PublishedFigure]
    GET /evaluation/request?id=                             -> EvaluateRequest that goes on with it, without an id
    GET /evaluation/run?dataset=&path=                      -> RunFileView of a run file that was not evaluated yet

`id` is an evaluation's, `measure` its first one where none is named.
"""

from __future__ import annotations

import msgspec

PLOTS = ("size", "average", "depth")

# Lines of (text, style name) spans, `height` of them, each `width` cells wide. What styles there are, the renderer
# says: zsr_tui.plots.terminal.
Drawn = list[list[tuple[str, str]]]


class RunFileView(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a run file that was read whole. `judged` of the dataset's judged queries (`all_judged` of them) are in
    it; `unknown` of its `queries` are none of the dataset's."""

    queries: int
    documents: int
    judged: int
    all_judged: int
    unknown: int


class PublishedFigure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that was published for a system of the evaluation. `difference` says in what the published system
    differs from the measured one, "" if in nothing; `approximate`: it was read off a plot."""

    system: int
    measure: str
    value: float
    digits: int
    approximate: bool
    name: str
    source: str
    difference: str = ""
