"""Frames and time, in and out."""
