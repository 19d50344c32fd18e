"""The procedures and calendars in force: published, kept for good, learnt from other processes."""
