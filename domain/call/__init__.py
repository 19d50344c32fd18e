"""A call as the softphones tell of it: what they posted, and what follows from the set of it."""
