"""What the application shows first, where more is known of it than corpus, systems and query."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zsr_tui.ui.parts.messages import Comparison

if TYPE_CHECKING:
    from zsr_tui.sessions.findings import Finding


class Opening(NamedTuple):
    """`first` is what Compare shows, `place` in the table of keys what was open over it; a `finding` is shown over it;
    `told` are sentences for the user."""

    first: Comparison | None = None
    finding: Finding | None = None
    place: str = ""
    told: tuple[str, ...] = ()


NOTHING_ELSE = Opening()
