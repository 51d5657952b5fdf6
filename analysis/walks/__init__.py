"""Searches over the streets: one graph per walker and measure, contracted once."""
