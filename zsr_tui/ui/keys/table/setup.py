"""What can be done in the setup."""

from __future__ import annotations

from zsr_tui.ui.keys.action import Action

_PLACE = "setup"

SETUP: tuple[Action, ...] = (
    Action(
        "start",
        "Compare the chosen systems",
        "Prepare what is missing, then open the Compare screen.",
        ("f5",),
        _PLACE,
        "start",
        label="compare",
    ),
    Action(
        "choose_corpus",
        "Choose a corpus",
        "Go to the corpora. Typing filters them; a folder or any ir_datasets id works too.",
        ("f2",),
        _PLACE,
        "focus_corpora",
        label="corpus",
    ),
    Action(
        "choose_systems",
        "Add a system",
        "Go to the presets and models. Typing filters them; the notation works too.",
        ("f3",),
        _PLACE,
        "focus_systems",
        label="systems",
    ),
    Action(
        "edit_chosen",
        "Reorder or remove systems",
        "Go to the chosen systems: delete removes one, [ and ] move it.",
        ("f4",),
        _PLACE,
        "focus_chosen",
        label="chosen",
    ),
    Action(
        "back",
        "Leave the setup",
        "Back to the Compare screen; nothing changes.",
        ("escape",),
        _PLACE,
        "leave",
        label="back",
        kept=True,
    ),
)
