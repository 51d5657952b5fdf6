"""Edits of facilities and paths on an untouched baseline, repaired bit for bit."""
