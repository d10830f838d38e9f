"""What systems need on a corpus: what has to be done, whether the user agrees, and how far it is."""
