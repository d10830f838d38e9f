"""Explanations of scores: the stages that lead to one, and what the library `zsr_tui.explain` makes of the last."""
