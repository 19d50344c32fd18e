"""Bearer tokens of an OpenID Connect issuer: its keys, what a token says, and whom it makes of somebody."""
