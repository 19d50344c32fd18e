"""The sections of a procedure file, each read by a class of its own; reader.py puts them together."""
