"""What happens by itself: a link between complaints, and its end, shows on both sides."""
