"""What several rooms use: the base of screens, what paints lines, small widgets, messages to the application."""
