"""Dense vectors searched without a look at each of them: faiss finds candidates, the vectors themselves score them.

An approximate index holds what finds candidates (8 bits a dimension, or less) and nothing else. Ids and scores come
from the shards of the dense index that it was made of (`zsr_tui.retrieval.encoded.vectors`): a score is the exact inner
product, whatever found the document, and what can be lost is a document. How many are is measured when it is built.

methods    the ways, what they need, and how thoroughly they search
building   one such index from shards, going on where an earlier build stopped
index      one, memory-mapped and searched
recall     how much of the exact search's lists it finds
"""
