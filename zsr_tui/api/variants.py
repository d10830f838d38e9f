"""A variant of a query, and the events of a stream of them: see `zsr_tui.api.events`."""

from __future__ import annotations

import msgspec

from zsr_tui.api.event import Event


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """A variant of a query. `kind` in words ("shortened"); `term` is the one that it is "without"."""

    kind: str
    text: str
    term: str = ""


class VariantsFound(Event, frozen=True, kw_only=True, tag="variants_found"):
    """The query as it is, then its variants. `judged`: measures will come, over so many judgments of each source
    (`judgments`); `generator`: the server that writes further ones when it is asked to, "" without one."""

    variants: tuple[Variant, ...]
    judged: bool
    generator: str = ""
    judgments: dict[str, int] = msgspec.field(default_factory=dict)


class VariantMeasured(Event, frozen=True, kw_only=True, tag="variant_measured"):
    """A variant's list of a system. `ndcg` (at 10) is None without judgments that count, `beside` over the other ones
    that were asked for; `overlap` counts the documents that the first ten have in common with those of the query as it
    is, `rbo` compares the first hundred of both."""

    system: int
    variant: int
    ndcg: float | None
    overlap: int
    rbo: float
    beside: float | None = None


class VariantsFinished(Event, frozen=True, kw_only=True, tag="variants_finished"):
    """`notes`: what is to be known of the lists, in sentences."""

    notes: tuple[str, ...] = ()
