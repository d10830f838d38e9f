"""The window that says what the engine is doing."""
