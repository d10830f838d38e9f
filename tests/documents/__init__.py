"""The documents are held against the program: what they show is run, and what they name is looked for.

CONTRIBUTING.md says how a sample is written.
"""
