"""Labelled parody video with consenting performers, and a verifier for it."""

from importlib.metadata import version

__version__ = version("lampoon")
