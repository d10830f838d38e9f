"""Token ids of texts: each text is tokenised once for each tokenizer, and an input is joined from the ids of its parts.

`backend` is what makes ids, `store` what keeps them, `template` how special tokens stand around them, `inputs` what
families ask for.
"""
