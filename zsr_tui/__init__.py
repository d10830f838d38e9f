"""zsr_tui: BM25, dense and reranked rankings side by side in the terminal."""

__version__ = "0.1.0"
