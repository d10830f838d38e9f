"""The window that says what the keys and marks mean."""
