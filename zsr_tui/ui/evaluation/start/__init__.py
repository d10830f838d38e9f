"""The form that starts an evaluation."""
