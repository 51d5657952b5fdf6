"""Circles proposed, and given circles checked."""
