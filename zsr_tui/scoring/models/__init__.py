"""From a model's name to checked files on this machine, with a fingerprint of all that its scores depend on."""
