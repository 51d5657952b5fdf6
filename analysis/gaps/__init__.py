"""Who lacks what, of which kind, and where."""
