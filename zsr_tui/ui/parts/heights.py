"""Heights of a terminal, in lines, below which something gives way to lists and tables."""

SHORT = 30  # nothing is spent on space
LOW = 18  # what stands above a list leaves it most of the lines
LOWEST = 12  # of what stands above it there is one line each
