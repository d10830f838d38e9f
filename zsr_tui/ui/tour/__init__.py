"""A guided first run: what to press next, step by step, above whatever screen is shown."""
