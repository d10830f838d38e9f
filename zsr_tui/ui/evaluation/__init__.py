"""Systems over all queries of a dataset: what is stored, tables, plots, and the evaluation that runs."""
