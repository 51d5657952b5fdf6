"""From OSM ways to the walking network and its barriers, by rules held as data."""
