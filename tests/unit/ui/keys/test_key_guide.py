"""The user guide's key tables say what the keys do."""

from __future__ import annotations

from zsr_tui.ui.keys.names import key_display
from zsr_tui.ui.keys.table import ACTIONS

from .key_guide import GUIDE, PLACES, guide


def test_the_guide_has_the_keys_of_the_table() -> None:
    text = GUIDE.read_text("utf-8")
    assert guide(text) == text, "run: python -m tests.unit.ui.keys.key_guide"


def test_no_key_is_shown_by_a_name_that_stands_on_no_keyboard() -> None:
    shown = [key_display(key) for action in ACTIONS for key in action.keys]
    assert [key for key in shown if "_" in key and key != "_"] == []


def test_every_place_is_in_the_guide() -> None:
    assert {action.where for action in ACTIONS} == set(PLACES)
