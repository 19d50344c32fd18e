"""The service around the rules: HTTP, storage, console and command line. Only here is it known what is real."""
