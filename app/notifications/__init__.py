"""Telling people: from events of the log through an outbox to consoles, mailboxes, telephones and other systems."""
