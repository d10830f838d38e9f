"""What can be done in the setup."""

from __future__ import annotations

from zsr_tui.ui.keys.action import Action, at

SETUP = at(
    "setup",
    Action(
        "start",
        ("f5",),
        "Compare the chosen systems",
        "Prepare what is missing, then open the Compare screen.",
        label="compare",
    ),
    Action(
        "choose_corpus",
        ("f2",),
        "Choose a corpus",
        "Go to the corpora. Typing filters them; a folder or any ir_datasets id works too.",
        handler="focus_corpora",
        label="corpus",
    ),
    Action(
        "choose_systems",
        ("f3",),
        "Add a system",
        "Go to the presets and models. Typing filters them; the notation works too.",
        handler="focus_systems",
        label="systems",
    ),
    Action(
        "edit_chosen",
        ("f4",),
        "Reorder or remove systems",
        "Go to the chosen systems: delete removes one, [ and ] move it.",
        handler="focus_chosen",
        label="chosen",
    ),
    Action(
        "back",
        ("escape",),
        "Leave the setup",
        "Back to the Compare screen; nothing changes.",
        handler="leave",
        label="back",
        kept=True,
    ),
)
