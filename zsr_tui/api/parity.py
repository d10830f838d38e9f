"""Two scorers on the same pairs: what is asked, and the events of the answer: see `zsr_tui.api.events`.

POST /parity
"""

from __future__ import annotations

import msgspec

from zsr_tui.api.event import Event
from zsr_tui.parity import Parity

QUERIES, DEPTH = 20, 10


class ParityRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`a` and `b` are models, with settings behind a semicolon where they have any, or systems, of which the last model
    is meant. Pairs are those of `queries` judged queries, drawn by `seed`, with BM25's first `depth`, judged documents,
    the longest and the shortest of BM25's first hundred. `tolerance` None is the usual one of the two precisions. A
    server is sent nothing without `spend`: the stream says what it would be, and ends."""

    id: str
    dataset: str
    a: str
    b: str
    queries: int = QUERIES
    depth: int = DEPTH
    seed: int = 0
    tolerance: float | None = None
    spend: bool = False


class ParityFound(Event, frozen=True, kw_only=True, tag="parity_found"):
    """None where servers would be asked and may not be: so many `asks` (requests), with so many texts, at these
    `hosts`."""

    parity: Parity | None
    asks: int = 0
    texts: int = 0
    hosts: tuple[str, ...] = ()
