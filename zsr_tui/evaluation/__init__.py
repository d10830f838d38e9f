"""Measures (computed by ir_measures) and TREC files."""
