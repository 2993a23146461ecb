"""The eye-state networks: who they learn from, how they are made, how good they are."""
