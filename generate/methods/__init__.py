"""Ways to swap a face, behind one Protocol."""
