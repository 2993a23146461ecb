"""Networks, in keras and keras.ops only."""
