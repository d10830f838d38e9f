"""What can be done in the setup."""

from __future__ import annotations

from zsr_tui.ui.keys.action import action, at

SETUP = at(
    "setup",
    action("edit_system", "e", "enter", label="edit")(
        "Edit the system", "In its place: Enter keeps it, Escape leaves it as it was. A double click does so, too."
    ),
    action("duplicate_system", "c", label="duplicate")(
        "Duplicate the system", "A copy below it, to be changed: Enter keeps it, Escape drops it."
    ),
    *(
        action(f"move_system_{name}", key, does="move_system", argument=by, label="move", group="Move the system")(
            f"Move the system {name}", "[ and ] do so, too, and the mouse: a click on ↑ or ↓, or a drag."
        )
        for name, key, by in (("up", "K", -1), ("down", "J", 1))
    ),
    action("remove_system", "delete", "backspace", label="remove")("Remove the system", "Or a click on ✕."),
    action("undo", "u", "ctrl+z", label="undo")(
        "Take the last change back", "Of the corpus or the systems, one after the other."
    ),
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
        "Edit, reorder or remove systems",
        "Go to the chosen ones: e edits, c copies, delete removes one, [ and ] move it.",
    ),
    action("back", "escape", does="leave", label="back", kept=True)(
        "Leave the setup", "Back to the Compare screen; nothing changes."
    ),
)
