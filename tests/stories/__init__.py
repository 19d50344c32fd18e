"""The ready procedures, played whole through the REST API: the product's introduction for whoever reads one file."""
