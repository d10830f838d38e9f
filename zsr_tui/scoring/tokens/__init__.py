"""Token ids of texts: each text is tokenised once for each tokenizer."""
