"""What a user can do: the table of actions, the keys that do it, the bar and the palette that show it."""
