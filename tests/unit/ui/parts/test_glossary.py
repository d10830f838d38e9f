"""The words that the help explains are those that the screens use."""

from __future__ import annotations

from zsr_tui.evaluation.failures import Outcome
from zsr_tui.ui.parts.glossary import OUTCOMES


def test_every_class_of_failure_is_explained_as_the_engine_means_it() -> None:
    assert tuple((outcome.label, outcome.about) for outcome in Outcome) == OUTCOMES
