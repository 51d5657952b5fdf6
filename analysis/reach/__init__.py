"""Who reaches what, on which way, and what else was in reach."""
