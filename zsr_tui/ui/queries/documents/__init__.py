"""The documents of the query under the cursor: what became of each, and all of them in two systems at once."""
