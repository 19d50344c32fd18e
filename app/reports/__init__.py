"""周报、月报: each period is reported once, when it is over."""
