"""Files of faceswap: alignments, face PNGs, model folders."""
