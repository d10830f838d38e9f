"""Judgments of one's own and of models, over those of the dataset: how they are kept, joined and compared."""
