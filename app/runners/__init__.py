"""What happens by itself: read models follow the log, clocks are judged, recurrence raises, time goes on."""
