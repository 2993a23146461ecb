"""A project's faces, alignments and models, in from faceswap and out to it."""
