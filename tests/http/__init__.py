"""What the service promises over HTTP, tried through the real application on a real PostgreSQL."""
