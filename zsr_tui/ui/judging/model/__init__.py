"""A model that judges a pool: what it costs and how far it agrees is said before its grades count."""
