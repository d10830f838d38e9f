"""Many machines: a Ray cluster encodes ranges of a corpus and scores queries' candidates for an engine.

The engine stays what it is: it resolves models, asks its cache, writes shards and logs. What changes are the devices
of its scoring service (`fleet`): jobs go to workers on the cluster's nodes (`pool`), each of which has a `Fleet` of its
own (`working`). Ray is imported in `link` alone, when a cluster is first used.
"""
