"""Coordinates as people hand them in: datums, zones, axes, and which reading fits the map."""
