"""What can be done on every screen."""

from __future__ import annotations

from zsr_tui.ui.keys.action import ANYWHERE, Action

EVERYWHERE: tuple[Action, ...] = (
    Action(
        "engine",
        "Devices and work in the background",
        "Which models are loaded where, what waits, and how long background work will take.",
        ("g",),
        ANYWHERE,
        "open_engine",
        label="engine",
    ),
    Action("theme", "Next theme", "Dark, light, or the terminal's own colours.", ("t",), ANYWHERE, "next_theme"),
    Action("quit", "Quit", "End the program and its engine.", ("q", "ctrl+q"), ANYWHERE, "quit_app", label="quit"),
    Action(
        "help",
        "Help",
        "Keys, marks and the notation of systems.",
        ("f1",),
        ANYWHERE,
        "open_help",
        label="help",
        kept=True,
    ),
    Action(
        "palette",
        "Commands",
        "Every action by its name.",
        ("ctrl+p",),
        ANYWHERE,
        "open_palette",
        label="commands",
        kept=True,
    ),
)
