"""The way out: what this reader may see, from read models and from the log."""
