"""What was chosen before: for taking changes back."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 50  # changes that can be taken back


@dataclass(frozen=True, slots=True)
class Choice:
    dataset: str
    systems: tuple[str, ...]


class Changes:
    """The last is taken back first."""

    def __init__(self) -> None:
        self._before: list[tuple[str, Choice]] = []
        self.led_to: Choice | None = None

    def __bool__(self) -> bool:
        return bool(self._before)

    def add(self, what: str, before: Choice, after: Choice) -> None:
        """`what` was done, as in "bm25 was added"."""
        self.led_to = after
        self._before.append((what, before))
        del self._before[:-MOST]

    def take_back(self) -> tuple[str, Choice]:
        """The last change, and what was chosen before it. Only where there is one."""
        what, self.led_to = self._before.pop()
        return what, self.led_to
