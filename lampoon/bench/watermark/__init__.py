"""Invisible marks side by side: same frames, code, distortion, attacks."""
