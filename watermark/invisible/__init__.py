"""The mark that nobody sees: a 64-bit key in every frame."""
