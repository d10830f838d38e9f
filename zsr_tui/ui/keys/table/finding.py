"""What can be done with a finding that is shown again."""

from __future__ import annotations

from zsr_tui.ui.keys.action import action, at

FINDING = at(
    "finding",
    action("finding_compare", "enter", does="compare", label="compare now")(
        "Open it in Compare", "The same query and systems, with the corpus of this machine; what is lacking is made."
    ),
    action("finding_explain", "i", does="explain", label="why")(
        "The explanation that it carries", "As it was when the finding was made."
    ),
    action("finding_whole", "a", does="show_whole", label="all of it")(
        "Read all of it", "What has changed, notes and judgments in full: what has no room on the screen."
    ),
    *(
        action(
            f"finding_{name}_list", *keys, does="next_list", label="list", argument=by, group="Go to the list beside"
        )(f"{name.capitalize()} list", f"Move to the list on the {way}; a narrow terminal shows one at a time.")
        for name, keys, way, by in (
            ("previous", ("left", "shift+tab"), "left", -1),
            ("next", ("right", "tab"), "right", 1),
        )
    ),
    action("finding_again", "f5", does="again", label="ask again")(
        "Ask again what has changed", "Also of systems that a server runs, after a question."
    ),
    action("finding_back", "escape", does="leave", label="back", kept=True)(
        "Leave the finding", "Back to Compare, on what was chosen last."
    ),
)
