"""Parcels that a planner lists as potential sites."""
