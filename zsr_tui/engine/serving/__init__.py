"""What only an engine that serves several needs.

listening  where it listens, and over TLS
tokens     the file of names and tokens
door       who a client is: the user at the other end of a Unix socket, the name of a token
limits     what one caller may have under way
entrance   the way of a request: who asks, within which limits, counted and logged
metrics    what is counted, as Prometheus reads it
log        a line of JSON for each request and for whatever is to be said
server     uvicorn's, ended without breaking off what is under way
"""
