"""What a procedure comes to when it is played: its own decisions are walked through, before the file is published."""
