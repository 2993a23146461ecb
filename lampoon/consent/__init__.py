"""What a performer agreed to: records, signatures, the check."""
