"""Reports of an evaluation: tables, plots, per-query files, and one HTML page that holds it all."""
