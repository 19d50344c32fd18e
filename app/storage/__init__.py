"""What is kept and how: the event log, sealing of personal data, keys of complainants, connections."""
