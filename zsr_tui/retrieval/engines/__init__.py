"""First stages of others: search engines and databases of vectors that are asked over HTTP.

opening    from a step of the notation to an engine that can be asked, once it is known that it may be
elastic    Elasticsearch and OpenSearch: _msearch with the user's template, _mget for texts that the corpus lacks
anserini   the REST servers of Anserini and Pyserini
qdrant     Qdrant's vectors, through qdrant-client
folder     a folder that qdrant-client has written, open once for all of this process
calling    requests to one engine, its refusals in one sentence
template   the user's query as JSON, with the text put in as a value
named      engines.toml: addresses, indexes, fields, headers
records    what an engine finds, in which state its index is, and what is to be told of its lists
"""
