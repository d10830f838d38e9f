"""The query line, steps through the dataset's own queries, and the window that finds one of them."""
