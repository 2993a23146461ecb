"""Whole collections: rendered performers, recipes, scores."""
