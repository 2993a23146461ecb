"""Find, align and follow a face."""
