"""What heads a list must say of how its numbers came about."""

from __future__ import annotations

import pytest

from zsr_tui.api.requests import SystemHead
from zsr_tui.ui.compare.ranking.head import HeadView, number_pieces
from zsr_tui.ui.compare.session import SystemList


@pytest.mark.parametrize("guessed", [("mean pooling", "no prompts"), ()], ids=["guessed", "known"])
def test_what_is_guessed_of_a_model_is_a_warning_in_its_head(guessed: tuple[str, ...]) -> None:
    head = SystemHead(notation="dense(./mine)", label="dense mine", guessed=guessed)
    view = HeadView(number=1, system=SystemList(head), active=True, reference=False, judgments=None)
    expected = [[("guessed: mean pooling, no prompts", "warning")]] if guessed else []
    assert number_pieces(view) == expected
