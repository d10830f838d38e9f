"""Which of two lists is better, without knowing whose they are."""
