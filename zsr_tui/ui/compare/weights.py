"""How much each list of a fusion weighs: shares that add up to 1, one of which the keys move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from zsr_tui.api.requests import FusionHead

LEAST = 0.01  # a part without weight is no part: leave it out in the setup
_DIGITS = 4  # of a share in a notation


@dataclass(frozen=True, slots=True)
class Weights:
    """`part` (from 0) is the one that is moved; the others keep their proportions to each other. `whole` is what the
    weights of the notation add up to, and stays so: the same shares give the same scores, moved or not. `exact` are
    weights of a notation that the shares were computed from."""

    labels: tuple[str, ...]
    shares: tuple[float, ...]
    whole: float = 1.0
    part: int = 0
    exact: tuple[float, ...] = ()

    @classmethod
    def of(cls, fusion: FusionHead) -> Weights:
        return cls(fusion.parts, fusion.shares, fusion.whole)

    @property
    def written(self) -> tuple[float, ...]:
        """As a notation has them."""
        return self.exact or tuple(round(share * self.whole, _DIGITS) for share in self.shares)

    @property
    def most(self) -> float:
        """What the part that is moved can have at most."""
        return 1 - LEAST * (len(self.shares) - 1)

    @property
    def share(self) -> float:
        return self.shares[self.part]

    def stepped(self, hundredths: int) -> Weights:
        """To the next multiple of so many hundredths: above the share, or below where they are negative."""
        size = abs(hundredths)
        units = round(self.share * 100 / size, 6)
        unit = math.floor(units) + 1 if hundredths > 0 else math.ceil(units) - 1
        return self.at(unit * size / 100)

    def at(self, share: float) -> Weights:
        """With this share for the part that is moved, as far as the others keep some."""
        share = round(min(max(share, LEAST), self.most), _DIGITS)
        rest = 1 - self.share
        others = [
            max(LEAST / 10, each * (1 - share) / rest) for number, each in enumerate(self.shares) if number != self.part
        ]
        shares = [round(each, _DIGITS) for each in others]
        shares.insert(self.part, share)
        return replace(self, shares=tuple(shares), exact=())

    def next_part(self) -> Weights:
        return replace(self, part=(self.part + 1) % len(self.shares))

    def same_as(self, shares: Sequence[float]) -> bool:
        """As far as a notation tells them apart."""
        return all(abs(one - other) < 10**-_DIGITS for one, other in zip(self.shares, shares, strict=True))
