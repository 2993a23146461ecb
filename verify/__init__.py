"""Judge one video: provenance, blinks, policy."""
