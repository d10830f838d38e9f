"""The engine as seen from outside: start one, attach to one, ask it."""
