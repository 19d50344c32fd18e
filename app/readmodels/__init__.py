"""The read models follow the log: folded, written, rebuilt."""
