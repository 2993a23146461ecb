"""A verdict as HTML."""
