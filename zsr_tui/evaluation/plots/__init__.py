"""What the plots of an evaluation show, as the records of `zsr_tui.plots`: the screen and the reports draw the same."""
