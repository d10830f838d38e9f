"""What is being prepared, paused, stopped or has failed: a line or two for each, with a cursor."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from zsr_tui.api.preparing import PartView
from zsr_tui.text import one_line
from zsr_tui.ui.parts import lacking


class PartsList(OptionList):
    """Takes the parts as data; `part` is the one under the cursor."""

    def __init__(self) -> None:
        super().__init__(id="engine-parts", compact=True, markup=False)
        self._parts: tuple[PartView, ...] = ()
        self.display = False

    @property
    def part(self) -> PartView | None:
        at = self.highlighted
        return self._parts[at] if at is not None and at < len(self._parts) else None

    def show(self, parts: Sequence[PartView]) -> None:
        """The cursor stays on its part."""
        before, kept = self._parts, self.part
        self._parts = tuple(parts)
        if [part.id for part in parts] == [part.id for part in before]:
            for place, part in enumerate(parts):
                if part != before[place]:
                    self.replace_option_prompt_at_index(place, _line(part))
            return
        self.clear_options()
        self.add_options([Option(_line(part)) for part in parts])
        self.display = bool(parts)
        ids = [part.id for part in parts]
        self.highlighted = ids.index(kept.id) if kept is not None and kept.id in ids else 0 if ids else None


def _line(part: PartView) -> Content:
    said = f" · {one_line(part.problem.message)}" if part.problem is not None else ""
    return Content.assemble((one_line(part.about), "bold"), f": {lacking.words(part)}{said}")
