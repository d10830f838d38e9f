"""Why queries fail: documents by class of failure, and what goes with failure. Its screen leads to their queries."""
