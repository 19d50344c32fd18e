"""Clocks: when one runs, what its warnings and misses are, and what another calendar does to it."""
