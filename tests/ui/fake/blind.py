"""Preferences that are kept, and who wins of them, made up."""

from __future__ import annotations

from dataclasses import dataclass, field

from zsr_tui.api.blind import DuelView, ReadWinRates
from zsr_tui.api.judging import DropPreference, KeepPreference, Preference


@dataclass
class FakePreferences:
    kept: dict[int, Preference] = field(default_factory=dict)

    def keep(self, asked: KeepPreference) -> int:
        number = max(self.kept, default=0) + 1
        self.kept[number] = asked.preference
        return number

    def drop(self, asked: DropPreference) -> None:
        del self.kept[asked.number]

    def rates(self, asked: ReadWinRates) -> tuple[DuelView, ...]:
        """The first system of all wins everything."""
        if not self.kept:
            return ()
        wins = len(self.kept) + (0 if asked.seed is not None else 20)
        return (
            DuelView(
                first="bm25", second="dense(m)", wins=wins, ties=0, losses=1, rate=0.9, low=0.55, high=0.99, p=0.02
            ),
        )

    @property
    def answers(self) -> dict[type, object]:
        """Of an engine."""
        return {KeepPreference: self.keep, DropPreference: self.drop, ReadWinRates: self.rates}
