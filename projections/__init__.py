"""The read models: each answers one kind of question, follows the log, and may be thrown away."""
