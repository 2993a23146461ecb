"""Put a new face into the plate: mask, colour, blend."""
