"""Who hears of which event: complaints, incidents and reports."""
