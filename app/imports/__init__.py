"""接管: complaints of another system, or of a sheet written by hand, are taken over with the steps they took there."""
