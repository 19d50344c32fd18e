"""The rules: what a complaint, its procedure and its clocks are, without I/O, clock or framework."""
