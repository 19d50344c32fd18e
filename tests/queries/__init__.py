"""What may be shown, and of it how much."""
