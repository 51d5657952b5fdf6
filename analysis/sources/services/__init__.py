"""Facilities from tags and from planners' tables, with provenance."""
