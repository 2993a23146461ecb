"""The label people see: presets, drawing, cards."""
