"""Planners' files: tables and polygon layers in every dialect."""
