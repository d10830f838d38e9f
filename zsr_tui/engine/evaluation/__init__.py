"""Evaluations: planning and running them, and answering what is asked about the stored ones."""
