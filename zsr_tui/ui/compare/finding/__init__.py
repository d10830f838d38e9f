"""A finding: what of a comparison goes into one, and how it is shown again."""
