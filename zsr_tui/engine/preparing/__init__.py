"""What has to be made before a system can search: each part once, whoever asks for it, and after a restart again.

answers      the questions
prepare      a request that waits for all that its systems need
needs        which parts systems need, what is lacking, and what the user has to agree to
jobs         what is being made, paused, stopped or has failed
making       how a part is made
first        which documents are encoded before the others
remembered   what the next engine goes on with
"""
