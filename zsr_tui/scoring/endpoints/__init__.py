"""Models behind a URL: servers that speak a rerank, score or embeddings interface.

address    what a URL names: server, path, model
keys       the key of a server, from the environment
client     one server's HTTP: retries, errors in one sentence
receiving  one request: its answer bounded in size and time, redirects on the same server alone
probing    what a server says of itself
served     from a URL to a model that can be called
shapes     the requests and answers of each interface
calling    inputs in, checked scores and vectors out, within the server's batch limit
"""
