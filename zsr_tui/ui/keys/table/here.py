"""What can be done with whatever has the focus: a list, a table, a picture, a text, on any screen or in a dialog."""

from __future__ import annotations

from zsr_tui.ui.keys.action import HERE, action, at

FAR = 10**9  # beyond either end

IN_FOCUS = at(
    HERE,
    action("copy", "y", does="copy_focused", label="copy")(
        "Copy what is under the cursor",
        "Its id, title, text, or id and title as Markdown; or what a drag of the mouse has selected.",
    ),
    action("jump", "ctrl+o", label="jump")(
        "Jump to a pane", "A letter stands on every pane; press it, or click on it."
    ),
    *(
        action(id, key, does="move_focused", argument=by, group="Down, up", mouse="a click on the row")(
            title, "A row of a list or table, a line of a text; as the arrow keys do."
        )
        for id, key, by, title in (("move_down", "j", 1, "Down"), ("move_up", "k", -1, "Up"))
    ),
    *(
        action(id, key, does="move_focused", argument=by, group="To the first, to the last", mouse="the scroll bar")(
            title, "Row or line; as Home and End do."
        )
        for id, key, by, title in (("move_first", "g", -FAR, "To the first"), ("move_last", "G", FAR, "To the last"))
    ),
    *(
        action(id, key, does="move_half_page", argument=by, group="Half a page down, up", mouse="the wheel")(
            title, "PgDn and PgUp go a whole one."
        )
        for id, key, by, title in (
            ("move_half_down", "ctrl+d", 1, "Half a page down"),
            ("move_half_up", "ctrl+u", -1, "Half a page up"),
        )
    ),
)
