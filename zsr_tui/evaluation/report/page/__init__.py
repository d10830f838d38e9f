"""The HTML report: what its sections hold, and the templates, the style sheet and the script that it is made of."""
