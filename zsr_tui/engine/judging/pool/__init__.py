"""Pooled judging: the queries and lists of a pool, a person's way through it, and what that did to the systems."""
