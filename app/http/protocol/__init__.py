"""How the API speaks HTTP: bodies in, answers and problems out, lists, cursors, repeats."""
