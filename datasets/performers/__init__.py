"""Performers who do not exist, rendered with exact truth."""
