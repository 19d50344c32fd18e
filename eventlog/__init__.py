"""The event log: writer, codec, sealing of personal data, keys of complainants, locks, connections."""
