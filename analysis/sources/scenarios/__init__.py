"""Scenario files: YAML, JSON and GeoJSON, checked by ``scenario.schema.json``."""
