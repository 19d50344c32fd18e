"""Measurements: each module compares ways of doing one thing, in one run on one machine, and prints ratios."""
