"""One file per step of the schema: number, then what it adds."""
