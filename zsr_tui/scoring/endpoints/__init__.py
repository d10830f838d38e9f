"""Models behind a URL: servers that speak a rerank, score or embeddings interface.

address    what a URL names: server, path, model
client     one server's answers, errors in one sentence (`zsr_tui.servers` asks)
probing    what a server says of itself
served     from a URL to a model that can be called
shapes     the requests and answers of each interface
calling    inputs in, checked scores and vectors out, within the server's batch limit
"""
