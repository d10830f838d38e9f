"""How far two judges agree, on the wire."""

from __future__ import annotations

import msgspec

Number = float | None
FEW = 30  # documents, below which kappa says next to nothing


class Between(msgspec.Struct, frozen=True, kw_only=True):
    """Two judges: see `zsr_tui.judging.agreement.Agreement`."""

    first: str
    second: str
    shared: int
    same: int
    kappa: Number
    weighted: Number
    relevant: Number
    grades: tuple[int, ...]
    matrix: tuple[tuple[int, ...], ...]
