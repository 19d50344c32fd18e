"""Seals the log a moment behind the commits: leaves, tiles, signed checkpoints, and a look whether they still fit."""
