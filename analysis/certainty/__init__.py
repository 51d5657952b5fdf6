"""How sure a result is: re-checked with an engine that nobody here wrote, and what differs."""
