"""Indexes that Anserini and pyserini publish: found in their own lists, downloaded, searched as they are.

lists       what there is, read from pyserini's jar and its table, without Java
matching    whose documents an index has, which model made it, and how a system names it
place       where they lie, and whether one is here
fetching    a download that goes on where it stopped, unpacked whole or not at all
opening     an index, open for searching
lucene      vectors and impacts in Lucene
faiss_flat  vectors in faiss' own file
texts       the documents that an index stores, as a corpus
"""
