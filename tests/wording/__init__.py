"""Nothing is without its words, and no sentence mixes two languages."""
