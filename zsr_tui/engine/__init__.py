"""The engine: a process of its own that holds corpora, indexes and models, and answers over a socket."""
