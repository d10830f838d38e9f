"""HTTP with servers of others: those that run models (`scoring.endpoints`) and those that search (`retrieval.engines`).

server     what is to be known of one: its address, and whether it is this machine
keys       the key of a server, from the environment
asking     one server's HTTP: retries, and what has gone wrong in one sentence that never holds the key
receiving  one request: its answer bounded in size and time, redirects on the same server alone
"""
