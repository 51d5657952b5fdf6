"""How much there is, who draws on it, and who is left out."""
