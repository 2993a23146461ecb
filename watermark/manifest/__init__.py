"""What a video says about itself (C2PA)."""
