"""What can be done on every screen."""

from __future__ import annotations

from zsr_tui.ui.keys.action import ANYWHERE, action, at

EVERYWHERE = at(
    ANYWHERE,
    action("engine", "E", does="windows.engine", label="engine")(
        "Devices and work in the background",
        "Which models are loaded where, what waits, and how long background work will take.",
    ),
    action("review", "R", does="windows.review")(
        "What was judged and noted", "Judgments, notes, tags and bookmarks of the corpus: a list with a search."
    ),
    action("theme", "t", does="themes.next")("Next theme", "Dark, light, or the terminal's own colours."),
    action("compact", "z", does="toggle_compact")(
        "Compact spacing, or not", "One line for a row or an option, and no empty lines; remembered."
    ),
    action("screenshot", does="findings.take_screenshot")(
        "Take a screenshot", "As an SVG file of its own; the screen says where."
    ),
    action("choose_theme", "T", does="themes.choose")(
        "Choose the colours", "Out of all themes, Textual's and your own, too; the one under the cursor is shown."
    ),
    action("tour", "f8", does="tours.go_on")("Tour", "Five steps through the program; in the tour, its next step."),
    action("quit", "q", "ctrl+q", does="quit_program", label="quit")(
        "Quit", "End the program and its engine. While an evaluation runs it says first what is kept."
    ),
    action("help", "f1", "question_mark", does="windows.help", label="help", kept=True)(
        "Help", "Keys, marks and the notation of systems."
    ),
    action("palette", "ctrl+p", does="action_command_palette", label="commands", kept=True)(
        "Commands", "Every action by its name."
    ),
)
