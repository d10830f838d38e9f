"""What can be done on every screen."""

from __future__ import annotations

from zsr_tui.ui.keys.action import ANYWHERE, Action, at

EVERYWHERE = at(
    ANYWHERE,
    Action(
        "engine",
        ("g",),
        "Devices and work in the background",
        "Which models are loaded where, what waits, and how long background work will take.",
        handler="open_engine",
        label="engine",
    ),
    Action("theme", ("t",), "Next theme", "Dark, light, or the terminal's own colours.", handler="next_theme"),
    Action("quit", ("q", "ctrl+q"), "Quit", "End the program and its engine.", handler="quit_app", label="quit"),
    Action(
        "help",
        ("f1",),
        "Help",
        "Keys, marks and the notation of systems.",
        handler="open_help",
        label="help",
        kept=True,
    ),
    Action(
        "palette",
        ("ctrl+p",),
        "Commands",
        "Every action by its name.",
        handler="open_palette",
        label="commands",
        kept=True,
    ),
)
