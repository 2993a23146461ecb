"""Marks a video carries: the label people see and what the file says of itself."""
