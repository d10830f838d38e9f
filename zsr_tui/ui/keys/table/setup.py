"""What can be done in the setup."""

from __future__ import annotations

from zsr_tui.ui.keys.action import action, at

SETUP = at(
    "setup",
    action("start", "f5", label="compare")(
        "Compare the chosen systems", "Prepare what is missing, then open the Compare screen."
    ),
    action("choose_corpus", "f2", does="focus_corpora", label="corpus")(
        "Choose a corpus", "Go to the corpora. Typing filters them; a folder or any ir_datasets id works too."
    ),
    action("choose_systems", "f3", does="focus_systems", label="systems")(
        "Add a system", "Go to the presets and models. Typing filters them; the notation works too."
    ),
    action("edit_chosen", "f4", does="focus_chosen", label="chosen")(
        "Reorder or remove systems", "Go to the chosen systems: delete removes one, [ and ] move it."
    ),
    action("back", "escape", does="leave", label="back", kept=True)(
        "Leave the setup", "Back to the Compare screen; nothing changes."
    ),
)
