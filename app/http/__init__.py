"""The REST API: routes, bodies in, answers and lists out, and what a reader may see."""
