"""Training: augmentation, losses, the loop, snapshots, previews."""
