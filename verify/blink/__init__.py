"""Blinks: events, statistics."""
