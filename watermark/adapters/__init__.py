"""Other people's invisible marks, and ours, behind one Protocol."""
