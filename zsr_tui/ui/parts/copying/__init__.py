"""Copying what is under the cursor, what a drag has selected, and the whole screen."""
