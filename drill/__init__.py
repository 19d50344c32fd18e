"""What a deployment goes through, played and judged: `python -m drill`."""
