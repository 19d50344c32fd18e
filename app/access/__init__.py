"""Who is calling: keys, roles and what they may."""
