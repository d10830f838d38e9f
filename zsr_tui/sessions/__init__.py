"""What was asked and done: the log of a session, asked again, and a finding to hand on. Of the terminal's side."""
