"""Reading OpenStreetMap extracts: PBF, XML and Overpass JSON into one form."""
