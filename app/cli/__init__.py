"""The command line: serve, demo, keys, procedures, migrate, rebuild."""
