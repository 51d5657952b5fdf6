"""Reached pieces of street drawn as polygons, with their measured agreement."""
