"""What of an explanation goes into a finding."""

from __future__ import annotations

from typing import NamedTuple

from zsr_tui.explanation import Contrast, Explanation
from zsr_tui.ui.explain.copied import in_markdown
from zsr_tui.ui.explain.screen import ExplainScreen
from zsr_tui.ui.parts.messages import Explainable


class Taken(NamedTuple):
    """Of one document, or of it and what it is compared with."""

    about: Explainable
    explanations: tuple[Explanation, ...]
    contrast: Contrast | None
    against_system: bool


def taken(screen: ExplainScreen) -> Taken:
    """As far as it has come."""
    known = screen._known
    found = [each for each in (known.explanation(0), known.explanation(1)) if each is not None]
    against_system = bool(known.request.against_system)
    return Taken(screen.asked.about, tuple(found), known.contrast, against_system)


def markdown(explanations: tuple[Explanation, ...], contrast: Contrast | None) -> str:
    """Of those that a finding carries; "" where it carries none."""
    if not explanations:
        return ""
    parts = [in_markdown(explanations[0], contrast.sentence if contrast else "")]
    return "\n\n".join([*parts, *(in_markdown(each, "") for each in explanations[1:])])
