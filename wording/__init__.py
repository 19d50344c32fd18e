"""Every word of the product in Chinese and English, one file per subject; nothing here decides anything.

A subject is a table from codes to titles (subjects.py lists them all); a title with `{names}` in it is a sentence that
waits for its facts (sentences.py). What a procedure calls its own units, roles and clocks stands in its file.
"""
