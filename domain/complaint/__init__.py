"""The complaint: commands ask, decisions refuse or make events, and the state is folded from those."""
