"""Indexes of what a model has made of every document: encoded once, searched exactly by inner product.

index      one such index, whatever its kind
encoding   building one, going on where an earlier build stopped
vectors    the kind "dense": vectors in shards, searched with faiss
postings   the kind "sparse": an inverted index of weighted terms
rows       what postings are made of while a corpus is encoded
appended   files that grow and survive a kill
"""
