"""What follows from calls by itself."""
