"""Opinions of residents: which place, which element, how many people."""
