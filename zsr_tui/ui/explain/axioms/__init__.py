"""How often lists agree with the axioms of retrieval, and the pairs of documents that go against one."""
