"""Retrieval: the store of built indexes, BM25 with Lucene, encoded indexes (dense and sparse), and fusion."""
