"""What a change of the query did: its words, the measures, and which documents came, went and moved."""
