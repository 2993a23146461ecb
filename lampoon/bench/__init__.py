"""Speed and quality, each beside the limit or peer measured in the same run."""
