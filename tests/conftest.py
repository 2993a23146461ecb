"""Every run draws the same examples: a failure in CI is one that can be had here."""

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")
