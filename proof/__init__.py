"""The proof that the log was not changed: its tree, its signed checkpoints, and the one file that checks them."""
