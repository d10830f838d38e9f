"""A variant of a query."""

from __future__ import annotations

import msgspec


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """A variant of a query. `kind` in words ("shortened"); `term` is the one that it is "without"."""

    kind: str
    text: str
    term: str = ""
