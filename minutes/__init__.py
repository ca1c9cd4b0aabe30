"""A document in; a meeting, decisions, items and findings out."""
