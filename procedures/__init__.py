"""The ready procedures and calendars as data, and the readers that validate them."""
