"""What can be done in the engine's window."""

from __future__ import annotations

from zsr_tui.ui.keys.action import action, at

ENGINE = at(
    "engine",
    action("pause_part", "w", does="pause_part", label="pause")(
        "Pause what is being prepared, or go on", "What the cursor stands on: pauses it, goes on, or tries it again."
    ),
    action("stop_part", "W", does="stop_part", label="stop")(
        "Stop what is being prepared", "What is done is kept. One that is stopped already, or has failed, is forgotten."
    ),
)
