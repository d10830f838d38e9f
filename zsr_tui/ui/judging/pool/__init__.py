"""Pooled judging: the unjudged documents of several lists one after the other, and what that did to the systems."""
