"""Stored evaluations: their list, the table of one, its plots, the matrix of datasets; starting and following one."""
