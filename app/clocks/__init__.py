"""Clocks are judged when they fall due, and moved when the calendar changes."""
