"""备份: the whole database as it stood at one moment, with what it takes to know it again, and putting it back."""
