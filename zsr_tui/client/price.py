"""What a model's judgments cost: tokens, and money where the setting `judging.price` says the price."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from zsr_tui import numerals
from zsr_tui.api.model_judging import ModelPlanned
from zsr_tui.domain import Problem
from zsr_tui.numerals import counted

PRICE = "ZSR_TUI_JUDGING_PRICE"  # the setting judging.price
TOKEN = 4  # characters, about, of English
ANSWER = 8  # tokens, about
_PRICE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)\s*([^\d/]*)")


@dataclass(frozen=True, slots=True)
class Price:
    """Of a million tokens."""

    read: float
    wrote: float
    currency: str

    @staticmethod
    def set() -> Price | None:
        """That of the settings; None where they say none. Raises `Problem`."""
        return Price.of(os.environ.get(PRICE, ""))

    @staticmethod
    def of(text: str) -> Price | None:
        """None for none. Raises `Problem`."""
        if not text.strip():
            return None
        found = _PRICE.fullmatch(text.strip())
        if not found:
            raise Problem(
                f"judging.price is {text[:40]!r}: write what a million tokens cost, read / written, as in "
                "0.15 / 0.60 USD.",
                usage=True,
            )
        return Price(float(found[1]), float(found[2]), found[3].strip())

    def cost(self, read: int, wrote: int) -> str:
        return f"{(read * self.read + wrote * self.wrote) / 1e6:.4f} {self.currency}".rstrip()


def about(planned: ModelPlanned, price: Price | None) -> str:
    """ "12 requests, about 4.1 k tokens, 0.0021 USD"."""
    read, wrote = planned.characters // TOKEN, planned.requests * ANSWER
    money = f", {price.cost(read, wrote)}" if price else ""
    return f"{counted(planned.requests, 'request')}, about {numerals.short_count(read)} tokens{money}"


def spent(requests: int, read: int | None, wrote: int | None, seconds: float, price: Price | None) -> str:
    """As the server counts it."""
    told = read is not None
    tokens = f"{read:,} tokens read, {wrote or 0:,} written" if told else "the server does not count tokens"
    money = f", {price.cost(read or 0, wrote or 0)}" if price and told else ""
    return f"{counted(requests, 'request')}, {tokens}{money}, {numerals.duration(seconds)}"
