"""Other weights for a fused list, without a new search: what is asked, and the answer."""

from __future__ import annotations

import msgspec

from zsr_tui.api.events import DocHead, Row
from zsr_tui.api.questions import Count, Question
from zsr_tui.api.requests import SystemHead
from zsr_tui.domain import DATASET_ONLY, AnySource


class Reweighed(msgspec.Struct, frozen=True, kw_only=True):
    """The list as these weights have it. `system` is the system that would return it; `heads` are those of rows that
    the search has not sent; `measures` is None for a query without judgments."""

    system: SystemHead
    rows: tuple[Row, ...]
    heads: dict[str, DocHead] = {}
    measures: dict[str, float | None] | None = None
    ties: int = 0


class Reweigh(Question[Reweighed], frozen=True, kw_only=True):
    """Of list `system` (from 0) of the last search of a pane, whose id is `search`; a weight for each fused list. The
    engine keeps the lists inside the fusions of the last searches, and answers from those."""

    pane: str
    search: str
    system: Count
    weights: tuple[float, ...]


class BestWeight(msgspec.Struct, frozen=True, kw_only=True):
    """The share with which a measure of the query is highest: of all that give this value the one nearest to what the
    part weighs now, and from where to where the shares around it give the same; `elsewhere`: others do, too."""

    measure: str
    value: float
    share: float
    low: float
    high: float
    elsewhere: bool = False


class FindBestWeight(Question[BestWeight | None], frozen=True, kw_only=True):
    """Of the part (from 0) of a fused list, by hundredths, where the others keep their proportions. As for `Reweigh`;
    None for a query without judgments. Over those of `sources`, the one that counts first in front: what was kept is
    that of `query_id` or `query_text`, as for `MeasureLists`."""

    pane: str
    search: str
    system: Count
    weights: tuple[float, ...]
    part: Count = 0
    sources: tuple[AnySource, ...] = DATASET_ONLY
    query_id: str = ""
    query_text: str = ""
