"""What a network learns occluders from: faces with something pasted before them."""
